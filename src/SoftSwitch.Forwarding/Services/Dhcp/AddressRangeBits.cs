using System.Numerics;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>Which addresses of a range are free: a bit for each. New ones are taken one after the other, so that one that was given back is
/// taken again as late as can be.</summary>
internal sealed class AddressRangeBits
{
    private const int Bits = 64;

    private readonly Ipv4Address _first;
    private readonly int _count;
    private readonly HashSet<Ipv4Address> _excluded = [];
    private readonly ulong[] _taken;
    private int _next;

    /// <param name="first">Of the range.</param>
    /// <param name="count">How many it has.</param>
    public AddressRangeBits(Ipv4Address first, int count)
    {
        (_first, _count, Free) = (first, count, count);
        _taken = new ulong[(count + Bits - 1) / Bits];
    }

    public int Free { get; private set; }

    public bool Contains(Ipv4Address address) => address.Value - _first.Value < (uint)_count;

    /// <summary>The address is of the range, and free.</summary>
    public bool IsFree(Ipv4Address address) =>
        Contains(address) && (_taken[IndexOf(address) / Bits] & 1UL << IndexOf(address) % Bits) == 0;

    /// <summary>Takes an address for good.</summary>
    public void Exclude(Ipv4Address address)
    {
        if (Contains(address))
            _excluded.Add(address);
        Take(address);
    }

    /// <summary>Takes an address, if it is free.</summary>
    public void Take(Ipv4Address address)
    {
        if (!IsFree(address))
            return;
        _taken[IndexOf(address) / Bits] |= 1UL << IndexOf(address) % Bits;
        Free--;
    }

    /// <summary>Gives an address back, if it may be given at all.</summary>
    public void Give(Ipv4Address address)
    {
        if (!Contains(address) || IsFree(address) || _excluded.Contains(address))
            return;
        _taken[IndexOf(address) / Bits] &= ~(1UL << IndexOf(address) % Bits);
        Free++;
    }

    public bool TryTakeNext(out Ipv4Address address)
    {
        address = default;
        if (Free == 0)
            return false;
        // The first word is looked at twice: for what lies before where it begins.
        for (var i = 0; i <= _taken.Length; i++)
        {
            var word = (_next / Bits + i) % _taken.Length;
            var free = ~_taken[word];
            if (i == 0)
                free &= ulong.MaxValue << _next % Bits;
            var index = word * Bits + BitOperations.TrailingZeroCount(free);
            if (free == 0 || index >= _count)
                continue;
            address = new(_first.Value + (uint)index);
            Take(address);
            _next = (index + 1) % _count;
            return true;
        }
        return false;
    }

    private int IndexOf(Ipv4Address address) => (int)(address.Value - _first.Value);
}
