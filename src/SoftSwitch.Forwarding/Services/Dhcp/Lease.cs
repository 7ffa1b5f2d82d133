using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>An address of a network and who it is lent to. Used under the lock of its <see cref="LeaseTable"/>.</summary>
internal sealed class Lease(Ipv4Address address, PortLeases owner, DhcpClient client)
{
    public Ipv4Address Address => address;

    /// <summary>The port that the client is behind.</summary>
    public PortLeases Owner => owner;

    public DhcpClient Client => client;

    /// <summary>It is the client's alone, and counts for nobody; null: it is of the range.</summary>
    public DhcpReservation? Reservation { get; set; }

    /// <summary>Nobody was asked yet whether he has the address.</summary>
    public bool IsUnasked { get; set; }

    public MacAddress Mac { get; set; }

    /// <summary>Its own frames have said <see cref="Mac"/>, and no relay.</summary>
    public bool IsCertain { get; set; } = true;

    public LeaseState State { get; set; }

    /// <summary>When the state ends; of a kept one, when it was the client's last.</summary>
    public Instant Until { get; set; }

    /// <summary><see cref="Until"/> at the last change that was told.</summary>
    public long ToldUntil { get; set; }

    /// <summary>It was the client's once, so it is kept for it.</summary>
    public bool WasBound { get; set; }

    /// <summary>When the table looks at it next; null: never, unless it changes.</summary>
    public long? LookedAt { get; set; }

    /// <summary>Its place among those that its owner can give up; null: it can't.</summary>
    public LinkedListNode<Lease>? Spare { get; set; }

    /// <summary>Until when the address was lent, whether it was given back before or not: so long nobody else is called what the client
    /// calls itself.</summary>
    public Instant LentUntil { get; set; }

    /// <summary>What the client calls itself, in small letters; null: nothing that a host can be called, or somebody else is called so.
    /// </summary>
    public string? HostName { get; set; }

    public Grant Grant => new(address, Reservation?.Name ?? default, IsUnasked);

    public LeaseRecord Record => new(address, owner.Port, client, Mac, State, Until, HostName);
}
