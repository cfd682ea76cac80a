using System.Text;
using Poolhouse.Server.Dev;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Commands;

/// <summary>What `poolhouse dev` prints when it is ready: URLs and seeded values, one to a line, to be copied.</summary>
static class Banner
{
    public static async Task<string> Text(IServiceProvider services, string data, CancellationToken cancel)
    {
        var url = services.GetRequiredService<ServerOptions>().Root;
        var seeded = await services.GetRequiredService<SeedRunner>().Describe(cancel);
        var text = new StringBuilder("\nPoolhouse is ready.\n\n");
        void Line(string name, string value) => text.Append("  ").Append(name.PadRight(16)).Append(value).Append('\n');

        Line("Sign in", $"{url}/");
        Line("Inbox", $"{url}/dev/inbox");
        Line("AWS endpoint", $"{url}   (--endpoint-url; any credentials)");
        Line("Data", Path.GetFullPath(data));
        foreach (var (name, value) in seeded)
        {
            if (name == "User pool") text.Append('\n');
            Line(name, value.Replace("{PublicUrl}", url, StringComparison.Ordinal));
        }
        return text.Append("\nCtrl+C stops it.\n").ToString();
    }
}
