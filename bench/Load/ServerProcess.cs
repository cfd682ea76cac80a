using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Poolhouse.Load;

/// A server under test as a process of its own, whose CPU time and memory are read from /proc.
sealed class ServerProcess : IAsyncDisposable
{
    // USER_HZ: what /proc speaks on every Linux that .NET runs on.
    const double TicksPerSecond = 100;
    readonly Process _process;
    readonly string _log;
    readonly long _started;

    ServerProcess(Process process, string log, long started) => (_process, _log, _started) = (process, log, started);

    /// Starts a command line; the shell replaces itself, so that the process id is the server's own.
    public static ServerProcess Start(Command command, string log, string cores)
    {
        var info = new ProcessStartInfo("/bin/sh") { WorkingDirectory = command.Folder, UseShellExecute = false };
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add($"exec taskset -c {cores} \"$@\" >'{log}' 2>&1 </dev/null");
        info.ArgumentList.Add("sh");
        foreach (var part in command.Line) info.ArgumentList.Add(part);
        foreach (var (name, value) in command.Variables) info.Environment[name] = value;
        var started = Stopwatch.GetTimestamp();
        return new(Process.Start(info)!, log, started);
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// Asks until the first good answer, and says how long after the start of the process that was.
    public async Task<TimeSpan> Answers(HttpClient http, Uri url)
    {
        while (Stopwatch.GetElapsedTime(_started) < TimeSpan.FromSeconds(60))
        {
            if (_process.HasExited) throw new BenchException($"the server ended with {_process.ExitCode} before it answered, see {_log}");
            try
            {
                using var reply = await http.GetAsync(url);
                if (reply.IsSuccessStatusCode) return Stopwatch.GetElapsedTime(_started);
            }
            catch (HttpRequestException) { /* not listening yet */ }
            await Task.Delay(1);
        }
        throw new BenchException($"no answer from {url} within a minute, see {_log}");
    }

    /// User and system time that the process has used, all its threads together.
    public TimeSpan Cpu() => Ticks(_process.Id, 11);

    /// The same of the children of a process that have ended.
    public static TimeSpan CpuOfEnded(int parent) => Ticks(parent, 13);

    // User and system time stand side by side, counted from the field after the name.
    static TimeSpan Ticks(int process, int field)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[field], CultureInfo.InvariantCulture) + long.Parse(fields[field + 1], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    /// Bytes that the process has sent to the disk.
    public long WrittenBytes() =>
        long.Parse(File.ReadLines($"/proc/{_process.Id}/io").First(line => line.StartsWith("write_bytes:", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);

    /// Resident memory in megabytes (10^6 bytes).
    public double ResidentMegabytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try { await _process.WaitForExitAsync(patience.Token); }
            catch (OperationCanceledException) { _process.Kill(); }
        }
        _process.Dispose();
    }
}

/// A command line, the folder that it runs in, and the variables that it needs.
sealed record Command(string Folder, string[] Line, params (string Name, string Value)[] Variables);

/// The run cannot go on; the message says why.
sealed class BenchException(string message) : Exception(message);
