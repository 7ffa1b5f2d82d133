using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>What is known of a station when another port brings it, see <see cref="StationMoves"/>.</summary>
public sealed partial class Fdb
{
    /// <summary>What is known of a station. One that can be asked is known though it is silent for longer than it counts.</summary>
    internal Whereabouts Find(ulong mac, Instant now)
    {
        lock (_writing)
        {
            return _table.Find(mac) is var place and >= 0 && (_table.Addresses(place) != 0 || !IsForgotten(place, now))
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
        if (place < 0 || address.Value == 0 || new Whereabouts(0, 0, false, _table.Addresses(place)).Has(address))
            return;
        lock (_writing)
        {
            place = _table.Find(mac);
            if (place < 0 || _table.Word(place) != (mac << 16 | slot))
                return;
            ref var addresses = ref _table.Addresses(place);
            addresses = addresses == 0 ? address.Value : (uint)addresses | (ulong)address.Value << 32;
        }
    }

    /// <summary>Notes who has the address that is behind a slot, and is asked for it: of <see cref="AddressPlaces"/>.</summary>
    internal void NoteOwner(ulong address, ushort slot, ulong owner)
    {
        var place = _table.Find(address);
        if (place < 0 || _table.Addresses(place) == owner)
            return;
        lock (_writing)
        {
            place = _table.Find(address);
            if (place >= 0 && _table.Word(place) == (address << 16 | slot))
                _table.Addresses(place) = owner;
        }
    }
}
