using System.Numerics;
using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Budgets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// A bounded ring of flows that began and ended, for the record of who was behind which outside port when (RFC 6888, REQ-12). One
/// <see cref="Napt"/> writes, never waiting; one thread of the control side reads. No lock between them, but where entries are lost. Its
/// places are shared by who has flows (<see cref="SharedPlaces.HasPart"/>): whoever makes so many that they don't fit loses his own.
/// </summary>
public sealed class NaptFlowLog
{
    private readonly NaptLogEntry[] _entries;
    private readonly Dictionary<NaptOwner, long> _lost = [];
    private long _written;
    private long _read;
    private int _round;

    /// <param name="capacity">Entries that wait at most; rounded up to a power of two.</param>
    public NaptFlowLog(int capacity = Limits.FlowLogCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _entries = new NaptLogEntry[BitOperations.RoundUpToPowerOf2((uint)capacity)];
    }

    /// <summary>Takes the oldest entry, if one waits. Where none does, all owners begin anew.</summary>
    public bool TryRead(out NaptLogEntry entry)
    {
        if (_read == Volatile.Read(ref _written))
        {
            Volatile.Write(ref _round, _round + 1);
            entry = default;
            return false;
        }
        entry = _entries[_read & (_entries.Length - 1)];
        Volatile.Write(ref _read, _read + 1);
        return true;
    }

    /// <summary>Adds up, by owner, the entries for which there was no place since this was last called.</summary>
    public void TakeLost(IDictionary<NaptOwner, long> lost)
    {
        lock (_lost)
        {
            foreach (var (owner, entries) in _lost)
                lost[owner] = (lost.TryGetValue(owner, out var known) ? known : 0) + entries;
            _lost.Clear();
        }
    }

    /// <summary>Called under the Napt's lock: there is one writer at a time.</summary>
    /// <param name="share">The owner's.</param>
    internal void Write(in NaptLogEntry entry, ref NaptLogShare share)
    {
        var waiting = _written - Volatile.Read(ref _read);
        if (Volatile.Read(ref _round) is var round && share.Round != round)
            share = new() { Round = round };
        if (!SharedPlaces.HasPart((int)waiting, _entries.Length, share.Entries))
        {
            lock (_lost)
                CollectionsMarshal.GetValueRefOrAddDefault(_lost, entry.Owner, out _)++;
            return;
        }
        share.Entries++;
        _entries[_written & (_entries.Length - 1)] = entry;
        Volatile.Write(ref _written, _written + 1);
    }
}
