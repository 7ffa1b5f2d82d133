using System.Runtime.InteropServices;
using Microsoft.Extensions.ObjectPool;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Packets that come in fragments in one direction (RFC 4787, REQ-14). The first fragment has the ports, the others follow it; those that come
/// before it are copied and wait. Nothing is put together: fragments cross as they are.
/// <para>
/// <b>Limits.</b> So many packets in all and of one source, half of them without a first fragment that was translated; so many waiting fragments
/// in all and of one source. Beyond that new ones are refused. A packet is forgotten when all of it has crossed or after <see cref="Lifetime"/>
/// seconds, whatever it has done till then.
/// </para>
/// <para>Everything but the counters under <see cref="Lock"/>, which unfragmented packets never take.</para>
/// </summary>
internal sealed class FragmentTable
{
    public const int Packets = 1024;
    public const int MaximumUnproven = Packets / 2;
    public const int PacketsPerSource = 64;
    public const int HeldFragments = 512;

    /// <summary>As many as the longest packet has on an Ethernet, and some of another.</summary>
    public const int HeldPerSource = 64;
    public const uint Lifetime = 30;

    private readonly Dictionary<FragmentKey, FragmentedPacket> _packets = new(Packets);
    private readonly Dictionary<FragmentKey, SourceUse> _bySource = new(Packets);
    private readonly Stack<FragmentedPacket> _spare = new(Packets);
    private readonly List<ReleasedFragment> _released = new(HeldFragments);
    private readonly ObjectPool<OwnedFrame> _frames = new DefaultObjectPool<OwnedFrame>(new DefaultPooledObjectPolicy<OwnedFrame>(), HeldFragments);
    private FragmentedPacket? _oldest;
    private FragmentedPacket? _newest;
    private int _unproven;
    private int _held;
    private int _releasedCount;
    private long _expired;
    private ushort _identification;

    public FragmentTable(Secrets secrets) => _identification = (ushort)secrets.Next();

    public Lock Lock { get; } = new();

    public int HeldCount => Volatile.Read(ref _held);

    /// <summary>Fragments that waited in vain.</summary>
    public long Expired => Volatile.Read(ref _expired);

    /// <summary>Some are waiting to be taken by <see cref="TryTakeReleased"/>; read without the lock.</summary>
    public bool HasReleased => Volatile.Read(ref _releasedCount) > 0;

    /// <summary>
    /// The packet of a fragment, a new one if need be; null when there is no room for it. A first fragment may prove its packet, so it gets a
    /// chance.
    /// </summary>
    public FragmentedPacket? Find(FragmentKey key, bool isFirst, Instant now)
    {
        ExpireLocked(now.Seconds);
        if (_packets.TryGetValue(key, out var packet))
            return packet;
        var source = SourceOf(key);
        var ofSource = _bySource.GetValueOrDefault(source);
        if (_packets.Count >= Packets || ofSource.Packets >= PacketsPerSource || (!isFirst && _unproven >= MaximumUnproven))
            return null;
        if (!_spare.TryPop(out packet))
            packet = new();
        packet.Begin(key, now.Seconds + Lifetime);
        _packets.Add(key, packet);
        _bySource[source] = ofSource with { Packets = ofSource.Packets + 1 };
        _unproven++;
        packet.Older = _newest;
        packet.Newer = null;
        if (_newest is not null)
            _newest.Newer = packet;
        _newest = packet;
        _oldest ??= packet;
        return packet;
    }

    /// <summary>Notes what becomes of a packet.</summary>
    public void Decide(FragmentedPacket packet, FragmentFate fate)
    {
        if (packet.Fate == FragmentFate.Translated != (fate == FragmentFate.Translated))
            _unproven += fate == FragmentFate.Translated ? -1 : 1;
        packet.Fate = fate;
        if (fate != FragmentFate.Translated)
            DropHeld(packet);
    }

    /// <summary>Forgets a packet of which nothing more is to come, or which is one too many of those that cross for nobody.</summary>
    public void Settle(FragmentedPacket packet)
    {
        if (packet.IsComplete || (packet.Fate != FragmentFate.Translated && _unproven > MaximumUnproven))
            Remove(packet);
    }

    /// <summary>
    /// An identification for a packet that leaves, so that two insiders' fragments to one destination are told apart there (RFC 6864, 5.3.1; RFC
    /// 7857, section 10).
    /// </summary>
    public ushort NextIdentification() => ++_identification;

    /// <summary>Keeps a copy of a fragment until the first one comes; false when too many wait already.</summary>
    public bool Hold(FragmentedPacket packet, ref Frame frame)
    {
        ref var source = ref CollectionsMarshal.GetValueRefOrNullRef(_bySource, SourceOf(packet.Key));
        if (_held >= HeldFragments || source.Held >= HeldPerSource)
            return false;
        var owned = _frames.Get();
        owned.Clear();
        owned.Offload = frame.Offload;
        owned.Append(frame.HeadBytes);
        foreach (var piece in frame.BodyPieces)
            owned.Append(piece.Bytes);
        packet.Held.Add(owned);
        source.Held++;
        Volatile.Write(ref _held, _held + 1);
        return true;
    }

    /// <summary>Moves a packet's waiting fragments to where they are taken from, each rewritten before.</summary>
    public void Release(FragmentedPacket packet, Action<OwnedFrame, FragmentedPacket> rewrite)
    {
        foreach (var frame in packet.Held)
        {
            rewrite(frame, packet);
            _released.Add(new(frame, packet.Policy, Environment.CurrentManagedThreadId));
        }
        // Whoever doesn't take them would have them pile up.
        for (; _released.Count > HeldFragments; _released.RemoveAt(0))
            _frames.Return(_released[0].Frame);
        Volatile.Write(ref _releasedCount, _released.Count);
        ForgetHeld(packet);
    }

    public bool TryTakeReleased(out ReleasedFragment released)
    {
        lock (Lock)
        {
            var at = _released.FindIndex(static one => one.Thread == Environment.CurrentManagedThreadId);
            released = at < 0 ? default : _released[at];
            if (at >= 0)
                _released.RemoveAt(at);
            Volatile.Write(ref _releasedCount, _released.Count);
            return at >= 0;
        }
    }

    public void Return(OwnedFrame frame) => _frames.Return(frame);

    public void Remove(FragmentedPacket packet)
    {
        DropHeld(packet);
        if (packet.Fate != FragmentFate.Translated)
            _unproven--;
        _packets.Remove(packet.Key);
        var source = SourceOf(packet.Key);
        if (--CollectionsMarshal.GetValueRefOrNullRef(_bySource, source).Packets == 0)
            _bySource.Remove(source);
        if (packet.Older is { } older)
            older.Newer = packet.Newer;
        else
            _oldest = packet.Newer;
        if (packet.Newer is { } newer)
            newer.Older = packet.Older;
        else
            _newest = packet.Older;
        packet.Older = packet.Newer = null;
        _spare.Push(packet);
    }

    public void Expire(Instant now)
    {
        lock (Lock)
            ExpireLocked(now.Seconds);
    }

    private void ExpireLocked(uint now)
    {
        while (_oldest is { } oldest && (int)(now - oldest.Deadline) > 0)
        {
            _expired += oldest.Held.Count;
            Remove(oldest);
        }
    }

    private void DropHeld(FragmentedPacket packet)
    {
        foreach (var frame in packet.Held)
            _frames.Return(frame);
        ForgetHeld(packet);
    }

    private void ForgetHeld(FragmentedPacket packet)
    {
        CollectionsMarshal.GetValueRefOrNullRef(_bySource, SourceOf(packet.Key)).Held -= packet.Held.Count;
        Volatile.Write(ref _held, _held - packet.Held.Count);
        packet.Held.Clear();
    }

    private static FragmentKey SourceOf(FragmentKey key) => new(key.Source, default, key.Policy, 0, 0);

    private record struct SourceUse(int Packets, int Held);
}
