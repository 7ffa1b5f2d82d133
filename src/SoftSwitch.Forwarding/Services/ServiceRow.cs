using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services;

/// <summary>Where a service is found at a station, and how much each port that packets come in by may ask of it.</summary>
/// <param name="protocol"><see cref="IpProtocol.Udp"/>, whose datagrams it is handed verified, or <see cref="IpProtocol.Tcp"/>.</param>
/// <param name="port">The destination port.</param>
/// <param name="service">What takes them.</param>
/// <param name="atOnce">Packets of one input port at once.</param>
/// <param name="perSecond">Packets of one input port that go on for ever.</param>
public sealed class ServiceRow(byte protocol, ushort port, Service service, int atOnce, int perSecond)
{
    private readonly PortAllowances _allowances = new(atOnce, perSecond);

    internal byte Protocol => protocol;

    internal ushort Port => port;

    internal Service Service => service;

    /// <summary>Takes a packet of what its input port may ask; false when that has nothing left.</summary>
    internal bool Allows(Port input, Instant now) => _allowances.Take(input, now);
}
