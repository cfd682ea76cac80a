namespace Poolhouse.Load;

/// Where things lie: the repository, what was built of it, and a folder of this run's own on the same disk.
sealed record Paths(string Root, string Run, int Cores)
{
    readonly string _native = Path.Combine(Root, "artifacts/aot/poolhouse");

    public string Bench => Path.Combine(Root, "bench");
    /// Every core, for what is not pinned: a child would else inherit the driver's one.
    public string AllCores => $"0-{Cores - 1}";
    public bool IsNative => !Jit && File.Exists(_native);
    public bool Jit { get; init; }
    public string[] Poolhouse => IsNative ? [_native] : ["dotnet", Built("Server", "poolhouse.dll")];

    public string Built(string project, string dll) => Path.Combine(Root, "artifacts/bin", project, "release", dll);
    public string Fresh(string name) => Path.Combine(Run, name.Replace(' ', '-').Replace(',', '-'));
}
