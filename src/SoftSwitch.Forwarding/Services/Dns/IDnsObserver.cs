using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>Sees which addresses guests are told for which names, before they are told. Called by any worker; it must not wait.</summary>
public interface IDnsObserver
{
    /// <summary>A guest is about to be told an address.</summary>
    /// <param name="input">The port that it has asked by.</param>
    /// <param name="guest">From which address.</param>
    /// <param name="name">What it has asked for, as it stands in a message; aliases may lead from there to the address.</param>
    /// <param name="address">Four bytes of IPv4, or 16 of IPv6.</param>
    /// <param name="seconds">How long it may use that.</param>
    void See(Port input, Ipv4Address guest, ReadOnlySpan<byte> name, ReadOnlySpan<byte> address, uint seconds, Instant now);
}
