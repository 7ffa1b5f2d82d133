using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using SoftSwitch.Forwarding.Memory;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// The memory of the flows: a slot of one cache line each, found from both directions by a <see cref="FlowIndex"/>. Finding takes no lock
/// and costs two cache misses when there are many, one in the index and one in the slot.
/// <para>
/// A slot that was given up is not used again for <see cref="Quarantine"/> seconds, and then the one that has waited longest: a reader that
/// still looks at it, or notes that it has seen it, does so at nobody's. That reader also finds the slot's version changed. There are
/// <see cref="Spare"/> slots more than flows: when many come and go at once, the one that has waited longest is used before its time, but
/// so many others later that a reader would have to stand still for milliseconds. Should it do so, between its last look at the version and
/// its note, that makes another's flow look younger, or puts one of TCP's numbers in a wrong place until that side speaks again. What a
/// flow is worth, it can't change: <see cref="Flow.TryChange"/> changes the state and compares the version in one operation.
/// </para>
/// <para>Finding: any thread. Everything else: one at a time.</para>
/// </summary>
internal sealed unsafe class FlowTable : IDisposable
{
    private const uint Quarantine = 2;
    private const int Spare = 1024;

    private readonly NativeTable _slots;
    private readonly Flow* _flows;
    private readonly FlowIndex _index;
    private int _oldestFree = -1;
    private int _newestFree = -1;

    public FlowTable(int capacity, Secrets secrets)
    {
        Capacity = capacity;
        _index = new(checked(2 * capacity), secrets);
        SlotLimit = capacity + Spare;
        _slots = new((long)SlotLimit * sizeof(Flow));
        _flows = (Flow*)_slots.Start;
    }

    /// <summary>Flows at most.</summary>
    public int Capacity { get; }

    /// <summary>Slots at most.</summary>
    public int SlotLimit { get; }

    public int Count { get; private set; }

    /// <summary>Slots that were ever used: behind them there is nothing.</summary>
    public int Touched { get; private set; }

    /// <summary>Bytes of memory when all slots have been used.</summary>
    public long Size => _index.Size + _slots.Size;

    /// <summary>Room for one more.</summary>
    public bool HasRoom => Count < Capacity;

    /// <summary>So many flows come soon.</summary>
    public void Expect(int flows) => _index.Expect(2 * flows);

    // SAFETY: numbers come from the index or from a walk up to Touched: below SlotLimit.
    public Flow* At(int number) => _flows + number;

    public int NumberOf(Flow* flow) => (int)(flow - _flows);

    /// <summary>Finds the flow of an outbound packet; the outside port in <paramref name="ports"/> is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFindOutbound(ulong addresses, ulong ports, out FlowMatch match)
    {
        var hash = _index.Hash(addresses, ports);
        return TryFind(hash, addresses, ulong.MaxValue, ports, Flow.OutboundMask, out match);
    }

    /// <summary>Finds the flow of an inbound packet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFindInbound(
        Ipv4Address remote, ushort outsidePort, ushort remotePort, int protocol, out FlowMatch match, int alias = 0)
    {
        var ports = Flow.PackPorts(0, outsidePort, remotePort, 0, protocol, alias);
        return TryFind(_index.Hash(remote.Value, ports), remote.Value, uint.MaxValue, ports, Flow.InboundMask, out match);
    }

    /// <summary>The first of two steps that bring an outbound packet's flow into the cache; the answer is for
    /// <see cref="Prefetch"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong PrefetchOutbound(ulong addresses, ulong ports) => PrefetchIndex(_index.Hash(addresses, ports));

    /// <summary>The same for an inbound packet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong PrefetchInbound(uint remote, ulong ports) => PrefetchIndex(_index.Hash(remote, ports));

    /// <summary>The second step: the index is there now and says where the flow is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        var bucket = _index.FirstBucket(hash);
        for (var matches = _index.Matches(bucket, hash); matches != 0; matches &= matches - 1)
        {
            var number = _index.Number(bucket, BitOperations.TrailingZeroCount(matches));
            if (Sse.IsSupported && number >= 0)
                Sse.Prefetch0(_flows + number);
        }
    }

    /// <summary>Adds a flow in the state in which it begins. Ask for <see cref="HasRoom"/> before.</summary>
    /// <returns>False when the index has no place for it.</returns>
    public bool TryAdd(in Flow content, uint now, out FlowMatch match)
    {
        match = default;
        var recycled = Touched == SlotLimit || (_oldestFree >= 0 && (int)(now - _flows[_oldestFree].Began) >= Quarantine);
        var number = recycled ? _oldestFree : Touched;
        var flow = _flows + number;
        var next = (int)flow->Addresses - 1;
        var version = flow->Version | 1;
        Volatile.Write(ref flow->Version, version);

        var outbound = OutboundHash(content);
        var inbound = InboundHash(content);
        if (!_index.Add(outbound, number))
            return false;
        if (!_index.Add(inbound, number))
        {
            _index.Remove(outbound, number);
            return false;
        }
        if (recycled)
        {
            _oldestFree = next;
            if (next < 0)
                _newestFree = -1;
        }
        else
        {
            Touched++;
        }
        Count++;
        var filled = content;
        filled.Version = version;
        *flow = filled;
        match = new(flow, version + 1, content.Addresses, content.Ports, content.AddressDelta, content.TransportDelta);
        Volatile.Write(ref flow->Version, version + 1);
        return true;
    }

    public void Remove(Flow* flow, uint now)
    {
        var number = NumberOf(flow);
        _index.Remove(OutboundHash(*flow), number);
        _index.Remove(InboundHash(*flow), number);
        Volatile.Write(ref flow->Version, flow->Version + 1);
        // An empty slot keeps when it was given up, and which was given up next: in fields that no late reader writes.
        flow->Began = now;
        flow->Addresses = 0;
        if (_newestFree < 0)
            _oldestFree = number;
        else
            _flows[_newestFree].Addresses = (uint)number + 1;
        _newestFree = number;
        Count--;
    }

    /// <summary>A copy of a slot; false when it is empty or changes while it is read.</summary>
    public bool TryCopy(int number, out Flow copy)
    {
        var flow = _flows + number;
        var version = Volatile.Read(ref flow->Version);
        copy = *flow;
        Volatile.ReadBarrier();
        return version != 0 && (version & 1) == 0 && flow->Version == version;
    }

    public void Dispose()
    {
        _index.Dispose();
        _slots.Dispose();
    }

    private ulong PrefetchIndex(ulong hash)
    {
        _index.Prefetch(hash);
        return hash;
    }

    private ulong OutboundHash(in Flow flow) => _index.Hash(flow.Addresses, flow.Ports & Flow.OutboundMask);

    private ulong InboundHash(in Flow flow) => _index.Hash((uint)flow.Addresses, flow.Ports & Flow.InboundMask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFind(ulong hash, ulong addresses, ulong addressMask, ulong ports, ulong portMask, out FlowMatch match)
    {
        var bucket = _index.FirstBucket(hash);
        if (TryFindIn(bucket, hash, addresses, addressMask, ports, portMask, out match))
            return true;
        bucket = _index.SecondBucket(hash);
        return TryFindIn(bucket, hash, addresses, addressMask, ports, portMask, out match);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFindIn(ulong bucket, ulong hash, ulong addresses, ulong addressMask, ulong ports, ulong portMask, out FlowMatch match)
    {
        for (var matches = _index.Matches(bucket, hash); matches != 0; matches &= matches - 1)
        {
            var number = _index.Number(bucket, BitOperations.TrailingZeroCount(matches));
            if (number < 0)
                continue;
            var flow = _flows + number;
            var version = Volatile.Read(ref flow->Version);
            match = new(flow, version, flow->Addresses, flow->Ports, flow->AddressDelta, flow->TransportDelta);
            Volatile.ReadBarrier();
            if ((match.Addresses & addressMask) == addresses && (match.Ports & portMask) == ports && (version & 1) == 0
                && flow->Version == version)
                return true;
        }
        match = default;
        return false;
    }
}
