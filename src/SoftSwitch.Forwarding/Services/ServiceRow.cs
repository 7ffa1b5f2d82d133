using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services;

/// <summary>Where a service is found at a station, and how much each port that packets come in by may ask of it.</summary>
/// <param name="protocol"><see cref="IpProtocol.Udp"/> or <see cref="IpProtocol.Tcp"/>; what it is handed is verified.</param>
/// <param name="port">The destination port.</param>
/// <param name="service">What takes them.</param>
/// <param name="limit">Packets of one input port.</param>
public sealed class ServiceRow(byte protocol, ushort port, Service service, Limit limit)
{
    private readonly PortAllowances _allowances = new(limit);

    internal byte Protocol => protocol;

    internal ushort Port => port;

    internal Service Service => service;

    /// <summary>Takes a packet of what its input port may ask; false when that has nothing left.</summary>
    internal bool Allows(Port input, Instant now) => _allowances.Take(input, now);
}
