using Microsoft.Extensions.ObjectPool;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Packets that come in fragments in one direction (RFC 4787, REQ-14). The first fragment has the ports, the others follow it; those that
/// come before it are copied and wait. Nothing is put together: fragments cross as they are.
/// <para>
/// <b>Limits.</b> So many packets whose first fragment was translated, and as many others, so that what leads nowhere takes no place from
/// what crosses; some that are complete, by which late copies are told; so many blocks of waiting fragments, of which one sender has a part
/// at most. A sender is a port inside or an address outside. Where there is no place for one more packet or waiting fragment, the sender
/// with the most packets gives up its oldest: nobody is kept out. A packet is forgotten after <see cref="Lifetime"/> seconds, whatever it
/// has done till then.
/// </para>
/// <para>Everything but the counters under <see cref="Lock"/>, which unfragmented packets never take.</para>
/// </summary>
internal sealed class FragmentTable
{
    private const int ProvenPackets = Limits.CrossingCapacity;
    private const int UnprovenPackets = Limits.UnprovenCapacity;
    private const int CompletePackets = Limits.CompleteCapacity;
    private const int AllPackets = ProvenPackets + UnprovenPackets + CompletePackets;

    /// <summary>A block is 2 KB, an Ethernet's fragment.</summary>
    private const int HeldBlocks = Limits.FragmentBlocks;
    private const int HeldPerSender = Limits.FragmentBlocksOfSender;
    private const uint Lifetime = 30;

    private readonly Dictionary<FragmentKey, FragmentedPacket> _packets = new(AllPackets + 1);
    private readonly FragmentShares _proven = new(ProvenPackets);
    private readonly FragmentShares _unproven = new(UnprovenPackets);
    private readonly FragmentShares _complete = new(CompletePackets);
    private readonly LinkedList<FragmentedPacket> _byAge = new();
    private readonly Stack<FragmentedPacket> _spare = new(AllPackets + 1);
    private readonly ObjectPool<OwnedFrame> _frames =
        new DefaultObjectPool<OwnedFrame>(new DefaultPooledObjectPolicy<OwnedFrame>(), HeldBlocks);
    private int _held;
    private int _heldBlocks;
    private long _lost;
    private long _told;

    public Lock Lock { get; } = new();

    public int HeldCount => Volatile.Read(ref _held);

    /// <summary>Fragments that waited in vain: their packet's first one didn't come, came to nothing, or contradicted them.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>How many that were since the last call.</summary>
    public int TakeLost()
    {
        lock (Lock)
        {
            var lost = (int)(_lost - _told);
            _told = _lost;
            return lost;
        }
    }

    /// <summary>The packet of a fragment, a new one if need be.</summary>
    public FragmentedPacket Find(FragmentKey key, in FragmentPart part, Instant now)
    {
        ExpireLocked(now.Seconds);
        if (_packets.TryGetValue(key, out var packet))
        {
            if (packet.IsAfterAnother && !packet.WasPartBefore(part))
                Renew(packet, now);
            else if (packet.IsAtRest)
                Postpone(packet, now.Seconds + Lifetime);
            return packet;
        }
        if (!_spare.TryPop(out packet))
            packet = new();
        packet.Begin(key, now.Seconds + Lifetime);
        _packets.Add(key, packet);
        _byAge.AddLast(packet.ByAge);
        AddTo(_unproven, packet);
        return packet;
    }

    public FragmentedPacket? Get(FragmentKey key) => _packets.GetValueOrDefault(key);

    /// <summary>Notes what becomes of a packet, of which no fragment that is to cross waits any more.</summary>
    public void Decide(FragmentedPacket packet, FragmentFate fate)
    {
        DropHeld(packet);
        packet.Fate = fate;
        MoveTo(fate == FragmentFate.Translated ? _proven : _unproven, packet);
    }

    /// <summary>Lets a packet rest of which nothing more is to come, but copies.</summary>
    public void Settle(FragmentedPacket packet)
    {
        if (!packet.IsComplete)
            return;
        if (packet.Fate != FragmentFate.Dropped && packet.Rest())
            MoveTo(_complete, packet);
        else
            Remove(packet);
    }

    /// <summary>Keeps a copy of a fragment until the first one comes; false when too many wait already.</summary>
    public bool Hold(FragmentedPacket packet, ref Frame frame, in Ipv4Layout fragment)
    {
        // What holds something has its place where places for that are made.
        MoveTo(_unproven, packet);
        // Who holds all that he may gives up his oldest: late copies of what was complete, or what lost its first fragment.
        while (packet.Sender!.Held >= HeldPerSender)
        {
            if (packet.Sender.Packets.First!.Value == packet)
                return false;
            Remove(packet.Sender.Packets.First.Value);
        }
        while (_heldBlocks >= HeldBlocks)
        {
            if (_unproven.Surplus == packet)
                return false;
            Remove(_unproven.Surplus);
        }
        var owned = _frames.Get();
        owned.Keep(frame);
        packet.Held.Add((owned, fragment));
        packet.Sender.Held += owned.Blocks;
        _heldBlocks += owned.Blocks;
        Volatile.Write(ref _held, _held + 1);
        return true;
    }

    /// <summary>Hands over a packet's waiting fragments, each rewritten before, if at all.</summary>
    public void Release(FragmentedPacket packet, FragmentRewrite? rewrite, ReleasedFragments released)
    {
        if (packet.Held.Count == 0)
            return;
        released.Begin(_frames);
        foreach (var (frame, fragment) in packet.Held)
        {
            Uncount(packet, frame);
            rewrite?.Invoke(frame.Contents, fragment, packet);
            released.Add(frame, rewrite is null ? fragment : fragment.Rewritten(frame.Contents));
        }
        ForgetHeld(packet);
    }

    public void Remove(FragmentedPacket packet)
    {
        DropHeld(packet);
        packet.Shares!.Remove(packet);
        packet.Shares = null;
        _packets.Remove(packet.Key);
        _byAge.Remove(packet.ByAge);
        _spare.Push(packet);
    }

    /// <summary>Removes a network's packets: those that come from it, and those that were translated to it.</summary>
    public void RemoveOf(int policy)
    {
        lock (Lock)
        {
            for (var next = _byAge.First; next is { Value: var packet };)
            {
                next = next.Next;
                if (packet.IsOf(policy))
                    Remove(packet);
            }
        }
    }

    public void Expire(Instant now)
    {
        lock (Lock)
            ExpireLocked(now.Seconds);
    }

    private void ExpireLocked(uint now)
    {
        while (_byAge.First?.Value is { } oldest && (int)(now - oldest.Deadline) > 0)
            Remove(oldest);
    }

    /// <summary>The identification has a new packet: what was held as another's copies is none of its parts.</summary>
    private void Renew(FragmentedPacket packet, Instant now)
    {
        DropHeld(packet);
        Postpone(packet, now.Seconds + Lifetime);
        packet.Begin(packet.Key, packet.Deadline);
        MoveTo(_unproven, packet);
    }

    private void Postpone(FragmentedPacket packet, uint deadline)
    {
        packet.Deadline = deadline;
        _byAge.Remove(packet.ByAge);
        _byAge.AddLast(packet.ByAge);
    }

    /// <summary>Moves a packet, of which nothing is held, to other places.</summary>
    private void MoveTo(FragmentShares shares, FragmentedPacket packet)
    {
        if (packet.Shares == shares)
            return;
        packet.Shares!.Remove(packet);
        AddTo(shares, packet);
    }

    private void AddTo(FragmentShares shares, FragmentedPacket packet)
    {
        shares.Add(packet);
        packet.Shares = shares;
        if (shares.IsOver)
            Remove(shares.Surplus);
    }

    private void DropHeld(FragmentedPacket packet)
    {
        Volatile.Write(ref _lost, _lost + packet.Held.Count);
        foreach (var (frame, _) in packet.Held)
        {
            Uncount(packet, frame);
            ReleasedFragments.Return(frame, _frames);
        }
        ForgetHeld(packet);
    }

    private void Uncount(FragmentedPacket packet, OwnedFrame frame)
    {
        packet.Sender!.Held -= frame.Blocks;
        _heldBlocks -= frame.Blocks;
    }

    private void ForgetHeld(FragmentedPacket packet)
    {
        Volatile.Write(ref _held, _held - packet.Held.Count);
        packet.Held.Clear();
    }
}
