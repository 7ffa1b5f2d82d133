namespace SoftSwitch.Logging;

/// <summary>
/// What news is about. News is limited by subject, so a subject is something that an outsider can make talk much: a port, a network.
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
