using System.Numerics;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// A bounded ring of flows that began and ended, for the record of who was behind which outside port when (RFC 6888, REQ-12). One
/// <see cref="Napt"/> writes, never waiting: what doesn't fit is counted in <see cref="Lost"/>. One thread of the control side reads. No
/// lock between them.
/// </summary>
public sealed class NaptFlowLog
{
    private readonly NaptLogEntry[] _entries;
    private long _written;
    private long _read;
    private long _lost;

    /// <param name="capacity">Entries that wait at most; rounded up to a power of two.</param>
    public NaptFlowLog(int capacity = 65_536)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _entries = new NaptLogEntry[BitOperations.RoundUpToPowerOf2((uint)capacity)];
    }

    /// <summary>Entries that came while the ring was full.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Takes the oldest entry, if one waits.</summary>
    public bool TryRead(out NaptLogEntry entry)
    {
        if (_read == Volatile.Read(ref _written))
        {
            entry = default;
            return false;
        }
        entry = _entries[_read & (_entries.Length - 1)];
        Volatile.Write(ref _read, _read + 1);
        return true;
    }

    /// <summary>Called under the Napt's lock: there is one writer at a time.</summary>
    internal void Write(in NaptLogEntry entry)
    {
        if (_written - Volatile.Read(ref _read) == _entries.Length)
        {
            Volatile.Write(ref _lost, _lost + 1);
            return;
        }
        _entries[_written & (_entries.Length - 1)] = entry;
        Volatile.Write(ref _written, _written + 1);
    }
}
