using System.Diagnostics;

namespace Poolhouse.House.Tests;

/// <summary>The checkout that is being tested: its root, its tracked files and the folder of built assemblies.</summary>
static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every tracked file, as a path from the root; outside a git checkout, every file that is not ignored by convention.</summary>
    public static IReadOnlyList<string> Files { get; } = TrackedFiles();

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Writes a generated document when UPDATE_DOCS=1 says so, else holds it to what stands there.</summary>
    public static void HoldOrWrite(string path, string expected)
    {
        var full = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, expected);
            return;
        }
        var actual = File.Exists(full) ? File.ReadAllText(full) : "";
        if (actual == expected) return;
        var difference = expected.Split('\n').Except(actual.Split('\n')).Select(line => "+ " + line)
            .Concat(actual.Split('\n').Except(expected.Split('\n')).Select(line => "- " + line));
        Xunit.Assert.Fail($"{path} differs from the code; UPDATE_DOCS=1 ./test.sh house writes it again:\n{string.Join('\n', difference.Take(20))}");
    }

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Poolhouse.slnx"))) return folder.FullName;
        throw new InvalidOperationException("Poolhouse.slnx is in no folder above the tests.");
    }

    static List<string> TrackedFiles()
    {
        var listed = Git("ls-files", "--cached", "--others", "--exclude-standard");
        var files = listed ?? Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Root, path))
            .Where(path => !path.Split('/').Any(part => part is ".git" or "artifacts" or "node_modules" or "data"));
        return [.. files.Where(path => File.Exists(Path.Combine(Root, path)))];
    }

    static string[]? Git(params string[] arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
