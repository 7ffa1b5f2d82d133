namespace SoftSwitch.Model;

/// <summary>How long an idle flow is kept, in whole seconds, up to a week.</summary>
public sealed record TimeoutsModel
{
    /// <summary>At least 120 s (RFC 4787, REQ-5).</summary>
    public TimeSpan Udp { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Of an established connection: at least 7440 s (RFC 5382, REQ-5).</summary>
    public TimeSpan Tcp { get; init; } = TimeSpan.FromSeconds(7440);

    /// <summary>Of a half-open or half-closed connection: at least 240 s (RFC 5382, REQ-5).</summary>
    public TimeSpan TcpTransitory { get; init; } = TimeSpan.FromSeconds(240);

    /// <summary>Of an ICMP query: at least 60 s (RFC 5508, REQ-2).</summary>
    public TimeSpan Icmp { get; init; } = TimeSpan.FromSeconds(60);
}
