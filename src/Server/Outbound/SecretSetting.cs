namespace Poolhouse.Server.Outbound;

/// <summary>A secret among the settings: it stands there itself, or in a file that is named there.</summary>
static class SecretSetting
{
    /// <summary>The secret.</summary>
    public static string? Read(string? setting) => setting is not null && File.Exists(setting) ? File.ReadAllText(setting).Trim() : setting;
}
