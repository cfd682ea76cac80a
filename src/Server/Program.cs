using System.CommandLine;
using Poolhouse.Server.Commands;

namespace Poolhouse.Server;

/// <summary>The command line: poolhouse dev | serve | migrate | access-key | keys | doctor | messages | audit | why | restored.</summary>
static class Program
{
    static Task<int> Main(string[] args)
    {
        var root = new RootCommand("The Amazon Cognito token system as software that you run yourself.")
        {
            DevCommand.Create(),
            ServeCommand.Create(),
            MigrateCommand.Create(),
            AccessKeyCommand.Create(),
            KeysCommand.Create(),
            DoctorCommand.Create(),
            MessagesCommand.Create(),
            AuditCommand.Create(),
            WhyCommand.Create(),
            RestoredCommand.Create(),
        };
        // No timeout of the parser's own: on SIGTERM the host alone decides how long requests in flight may take.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
