using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Ports;

/// <summary>
/// A place of <see cref="HeardAddresses"/>, empty while its address is zero. One thread writes, and others call <see cref="TryRead"/>
/// alone; no lock. The times are cleared before the address changes: who reads the same address before and after has its times.
/// </summary>
internal struct HeardEntry
{
    private uint _address;
    private long _spoke;
    private long _claimed;

    public readonly uint Address => _address;

    /// <summary>When it was last heard.</summary>
    public readonly long Latest => long.Max(_spoke, _claimed);

    public readonly bool HasSpoken(Ipv4Address address, Instant now) => _address == address.Value && _spoke == now.Milliseconds;

    /// <summary>Gives the place to another address.</summary>
    public void Take(Ipv4Address address)
    {
        Volatile.Write(ref _spoke, 0);
        Volatile.Write(ref _claimed, 0);
        Volatile.Write(ref _address, address.Value);
    }

    public void Speak(Instant now) => Volatile.Write(ref _spoke, now.Milliseconds);

    public void Claim(Instant now) => Volatile.Write(ref _claimed, now.Milliseconds);

    /// <summary>False: nothing is there, or it is just changing.</summary>
    public bool TryRead(out HeardAddress heard)
    {
        var address = Volatile.Read(ref _address);
        heard = new(new(address), new(Volatile.Read(ref _spoke)), new(Volatile.Read(ref _claimed)));
        Volatile.ReadBarrier();
        return address != 0 && Volatile.Read(ref _address) == address;
    }
}
