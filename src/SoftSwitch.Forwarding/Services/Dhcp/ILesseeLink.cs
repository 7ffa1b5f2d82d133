using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>What a <see cref="Lessee"/> is on: the link where it asks, and the machine that is to have the address.</summary>
public interface ILesseeLink
{
    /// <summary>Sends a frame, or loses it.</summary>
    void Say(ReadOnlySpan<byte> frame);

    /// <summary>Why what is lent can't be used on this machine; null: it can.</summary>
    string? ObstacleOf(HeldLease lent);

    /// <summary>What a server lends can't be used.</summary>
    void Refuse(Ipv4Address server, string why);
}
