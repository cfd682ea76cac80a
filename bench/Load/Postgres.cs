using System.Diagnostics;
using System.Globalization;

namespace Poolhouse.Load;

/// A PostgreSQL of this run's own: durable as it comes, without a port.
sealed class Postgres : IAsyncDisposable
{
    const string Versions = "/usr/lib/postgresql";

    readonly string folder;
    readonly string core;
    readonly DirectoryInfo sockets;

    Postgres(string folder, string core, DirectoryInfo sockets) => (this.folder, this.core, this.sockets) = (folder, core, sockets);

    public static bool IsInstalled => Directory.Exists(Versions);

    public string Connection => ConnectionTo("postgres");

    public string ConnectionTo(string database) => $"Host={sockets.FullName};Username=poolhouse;Database={database}";

    /// CPU time that its processes have used. Each has one thread, whose own account the kernel keeps to the nanosecond.
    public TimeSpan Cpu()
    {
        var first = int.Parse(File.ReadLines(Path.Combine(folder, "data/postmaster.pid")).First(), CultureInfo.InvariantCulture);
        var children = File.ReadAllText($"/proc/{first}/task/{first}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return TimeSpan.FromMicroseconds(children.Append($"{first}").Sum(OnCpu) / 1000) + ServerProcess.CpuOfEnded(first);
    }

    static double OnCpu(string process)
    {
        try { return double.Parse(File.ReadAllText($"/proc/{process}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture); }
        catch (IOException) { return 0; } // has ended since
    }

    /// <param name="paths">Where the run has its folder.</param>
    /// <param name="part">The part of the run that it is for.</param>
    /// <param name="core">The core that it runs on: that of the servers, or, as if it were another machine, that of the driver.</param>
    public static async Task<Postgres> Start(Paths paths, string part, string core = Options.ServerCore)
    {
        var folder = Directory.CreateDirectory(paths.Fresh($"postgres-{part}")).FullName;
        // The path of a socket may have 107 characters, which the folder of a run can be longer than.
        var made = new Postgres(folder, core, Directory.CreateTempSubdirectory("poolhouse-bench-"));
        if (Environment.IsPrivilegedProcess) await made.Run(["chown", "postgres", folder, made.sockets.FullName]);
        await made.Owner("initdb", "-U", "poolhouse", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8");
        await made.Owner("pg_ctl", "-w", "-l", Path.Combine(folder, "log"),
            "-o", $"-c listen_addresses='' -c unix_socket_directories={made.sockets.FullName}", "start");
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await Owner("pg_ctl", "-m", "fast", "stop");
        sockets.Delete(recursive: true);
    }

    // initdb refuses root.
    Task Owner(string program, params string[] rest)
    {
        var newest = Directory.GetDirectories(Versions).MaxBy(one => double.TryParse(Path.GetFileName(one), out var version) ? version : 0)!;
        string[] owner = Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--"] : [];
        return Run(["taskset", "-c", core, .. owner, Path.Combine(newest, "bin", program), "-D", Path.Combine(folder, "data"), .. rest]);
    }

    // Into a file: the server would else hold our own output open.
    async Task Run(string[] line)
    {
        var log = folder + ".log";
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$0\" \"$@\" >>'{log}' 2>&1", .. line]) { WorkingDirectory = "/" })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new BenchException($"{string.Join(' ', line)} ended with {process.ExitCode}, see {log}");
    }
}
