namespace SoftSwitch.Logging;

/// <summary>
/// What news is about. News of one subject is limited together, so a subject is what somebody else may bring to talk much.
/// </summary>
/// <param name="Name">How its lines begin, such as <c>port vm1</c>.</param>
/// <param name="Port">The port that it is about; null: none.</param>
/// <param name="Network">The network that it is about; null: none.</param>
internal sealed record LogSubject(string Name, string? Port = null, string? Network = null)
{
    public static LogSubject OfPort(string port, string network) => new($"port {port}", port, network);

    public static LogSubject OfNetwork(string network) => new($"network {network}", Network: network);

    /// <summary>A network's way out.</summary>
    public static LogSubject OfOutside(string network) => new($"network {network}: outside", Network: network);
}
