using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>What <see cref="StationMoves"/> asks of the database and changes there, and by what stations can be asked. All of it takes the
/// lock.</summary>
public sealed partial class Fdb
{
    /// <summary>What is known of a station. One that can be asked is known though it is silent for longer than it counts.</summary>
    internal Whereabouts Find(ulong mac, Instant now)
    {
        lock (_writing)
        {
            return _table.Find(mac) is var place and >= 0 && (_table.Addresses(place).Any || !IsForgotten(place, now))
                ? new((ushort)_table.Word(place), _table.Stamp(place), _table.IsStatic(place), _table.Addresses(place)) : default;
        }
    }

    /// <summary>Has a station's stamp say that it was heard before this second, if it is behind a slot: when it is heard there again, the
    /// stamp becomes another.</summary>
    /// <returns>The stamp.</returns>
    internal uint Mark(ulong mac, ushort slot, Instant now)
    {
        lock (_writing)
        {
            if (_table.Find(mac) is not (var place and >= 0) || (ushort)_table.Word(place) != slot)
                return now.Seconds;
            ref var stamp = ref _table.Stamp(place);
            if ((int)(stamp - now.Seconds) >= 0)
                stamp = now.Seconds - 1;
            return stamp;
        }
    }

    /// <summary>Puts a station that was heard behind another slot, if it is still where it was.</summary>
    internal bool Move(ulong mac, ushort from, ushort to, Instant now)
    {
        lock (_writing)
        {
            if (_table.Find(mac) is not (var place and >= 0) || (ushort)_table.Word(place) != from || _table.IsStatic(place))
                return false;
            MoveTo(place, to, now);
            return true;
        }
    }

    /// <summary>Notes an address by which the station behind a slot can be asked. Two are kept: the first, and the latest beside
    /// it.</summary>
    internal void Note(ulong mac, ushort slot, Ipv4Address address)
    {
        var place = _table.Find(mac);
        if (place < 0 || address.Value == 0 || _table.Addresses(place).Has(address))
            return;
        lock (_writing)
        {
            if (IsAt(mac, slot, out place))
                _table.Addresses(place).Note(address);
        }
    }

    /// <summary>The same of IPv6: one is kept.</summary>
    internal void Note(ulong mac, ushort slot, Ipv6Address address)
    {
        var place = _table.Find(mac);
        if (place < 0 || _table.Addresses(place).Has(address))
            return;
        lock (_writing)
        {
            if (IsAt(mac, slot, out place))
                _table.Addresses(place).Ipv6 = address;
        }
    }

    /// <summary>Notes who has the address that is behind a slot, and is asked for it: of <see cref="AddressPlaces"/>.</summary>
    /// <returns>True: it is another than before.</returns>
    internal bool NoteOwner(ulong address, ushort slot, ulong owner)
    {
        var place = _table.Find(address);
        if (place < 0 || _table.Addresses(place).Owner == owner)
            return false;
        lock (_writing)
        {
            if (IsAt(address, slot, out place))
                _table.Addresses(place).Owner = owner;
        }
        return true;
    }

    private bool IsAt(ulong mac, ushort slot, out int place)
    {
        place = _table.Find(mac);
        return place >= 0 && _table.Word(place) == (mac << 16 | slot);
    }
}
