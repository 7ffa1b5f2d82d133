using System.Numerics;
using SoftSwitch.Forwarding.Memory;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// The outside ports of one address: who has each, and which mapping an inside address and port has. Each port is one place in an array, so
/// it is one inside end's own (RFC 4787, REQ-3; RFC 5382, REQ-7); each inside address and port is one key in a map, so it has the same
/// outside port for every destination (RFC 4787, REQ-1; RFC 5382, REQ-1; RFC 5508, REQ-1a). Flows that overlap
/// (<see cref="FlowState.Overlapped"/>) are not known here.
/// <para>Used under a lock, but for <see cref="KindOf"/> and <see cref="At"/>, which anyone may read to refuse a packet without taking
/// it.</para>
/// </summary>
internal sealed unsafe class MappingTable : IDisposable
{
    private const int Ports = 65_536;
    private const int LastLowPort = 1023;

    /// <summary>Seconds for which hosts remember a connection that they have closed, by Linux's measure.</summary>
    private const int TimeWait = 60;

    private readonly NativeTable _table;
    private readonly Mapping* _mappings;
    private readonly KeyMap _byInside;
    private readonly Secrets _secrets;

    /// <summary>
    /// Ports in use, a bit each, the protocols one behind the other; those that somebody else has; and those that are about to be forwards.
    /// </summary>
    private readonly ulong[] _used = new ulong[NatProtocol.Count * Ports / 64];
    private readonly ulong[] _excluded = new ulong[NatProtocol.Count * Ports / 64];
    private readonly ulong[] _reserved = new ulong[NatProtocol.Count * Ports / 64];

    public MappingTable(Secrets secrets)
    {
        _secrets = secrets;
        _byInside = new(NatProtocol.Count * Ports, secrets);
        _table = new((long)NatProtocol.Count * Ports * sizeof(Mapping));
        _mappings = (Mapping*)_table.Start;
    }

    /// <summary>Mappings that inside hosts made.</summary>
    public int Count { get; private set; }

    /// <summary>So many mappings come soon.</summary>
    public void Expect(int mappings)
    {
        _byInside.Expect(mappings);
        _table.Expect(mappings);
    }

    /// <summary>An inside end: [ inside address 32 | inside port 16 | policy 14 | protocol 2 ].</summary>
    public static ulong Key(Ipv4Address inside, ushort port, int policy, int protocol) =>
        (ulong)inside.Value << 32 | (ulong)port << 16 | (uint)policy << 2 | (uint)protocol;

    /// <summary>The network of an inside end.</summary>
    public static int PolicyOf(ulong inside) => (ushort)inside >> 2;

    // SAFETY: a protocol's number and a 16-bit port are a place in the array.
    public ref Mapping At(int protocol, ushort port) => ref _mappings[protocol * Ports + port];

    public MappingKind KindOf(int protocol, ushort port) =>
        (MappingKind)Volatile.Read(ref *(int*)&(_mappings + protocol * Ports + port)->Kind);

    /// <summary>The outside port of an inside address and port, or -1.</summary>
    public int Find(ulong inside) => (int)_byInside[inside] - 1;

    /// <summary>
    /// A random free port for an inside address and port (RFC 6056, 3.3.1; RFC 6888, REQ-15), of the half of the range to which the inside
    /// port belongs; or -1.
    /// </summary>
    public int RandomFree(ulong inside, int first, int last)
    {
        var protocol = (int)inside & 3;
        var low = Dynamic(protocol, first, last);
        // RFC 4787, REQ-3a: privileged ports stay privileged while there are any, so that nobody is refused for lack of these few; the
        // others stay above.
        var port = low > first && (ushort)(inside >> 16) <= LastLowPort ? RandomFree(protocol, int.Max(first, 1), low - 1) : -1;
        return port >= 0 ? port : RandomFree(protocol, low, last);
    }

    /// <summary>The first port of a range that is for every inside port; below it, where there are any, are those for privileged
    /// ones.</summary>
    public static int Dynamic(int protocol, int first, int last) =>
        protocol != NatProtocol.Icmp && first <= LastLowPort && last > LastLowPort ? LastLowPort + 1 : int.Max(first, 1);

    /// <summary>Makes a free port that of an inside address and port.</summary>
    /// <param name="owner">Who it counts for.</param>
    public void Assign(ushort port, ulong inside, ushort owner)
    {
        Take((int)inside & 3, port, inside, owner, MappingKind.Dynamic);
        _byInside.Set(inside, (uint)port + 1);
        Count++;
    }

    /// <summary>Every port that isn't free, in turn; the one that came last may be given back meanwhile. Memory of the others isn't
    /// touched: most of it was never needed.</summary>
    public IEnumerable<(int Protocol, ushort Port)> Taken()
    {
        for (var word = 0; word < _used.Length; word++)
        {
            for (var left = _used[word]; left != 0; left &= left - 1)
            {
                var place = word * 64 + BitOperations.TrailingZeroCount(left);
                yield return (place / Ports, (ushort)place);
            }
        }
    }

    /// <summary>Free ports of a range.</summary>
    public int CountFree(int protocol, int first, int last)
    {
        var count = 0;
        for (var port = first; port <= last; port = (port | 63) + 1)
        {
            var free = FreeFrom(protocol, port);
            if ((port | 63) > last)
                free &= ulong.MaxValue >> 63 - (last & 63);
            count += BitOperations.PopCount(free);
        }
        return count;
    }

    /// <summary>
    /// Nobody else has used the port lately, whose connections the other end may still remember: it takes a port's next one only when
    /// sequence number or timestamp go on (RFC 6191), as those of one host do.
    /// </summary>
    public bool IsRested(int protocol, ushort port, Ipv4Address inside, uint now)
    {
        ref var mapping = ref At(protocol, port);
        return mapping.Address == inside.Value || mapping.Inside == 0 || (ushort)(now - mapping.Freed) > TimeWait;
    }

    /// <summary>A port may be that of several inside ends at once: not one that is a forward's, somebody else's or about to be.</summary>
    public bool IsShareable(int protocol, ushort port) => At(protocol, port).Kind is MappingKind.Free or MappingKind.Dynamic
        && ((_excluded[Word(protocol, port)] | _reserved[Word(protocol, port)]) & 1UL << port) == 0;

    /// <summary>
    /// Makes a free port a forward, or lets it stay one. Of several that lead to the same inside port, the first is where that port's own
    /// packets come from.
    /// </summary>
    public void Forward(ushort port, ulong inside)
    {
        if (KindOf((int)inside & 3, port) == MappingKind.Free)
            Take((int)inside & 3, port, inside, owner: 0, MappingKind.Forward);
        var other = Find(inside);
        if (other < 0 || At((int)inside & 3, (ushort)other).Kind != MappingKind.Forward)
            _byInside.Set(inside, (uint)port + 1);
    }

    /// <summary>Keeps new flows from a mapping whose flows are to end.</summary>
    public void BeginEnding(int protocol, ushort port)
    {
        ref var mapping = ref At(protocol, port);
        if (mapping.Kind == MappingKind.Dynamic)
            Count--;
        mapping.Kind = MappingKind.Ending;
        Unlist(mapping.Inside, port);
    }

    /// <summary>Gives a port back.</summary>
    /// <param name="now">In seconds.</param>
    public void Free(int protocol, ushort port, uint now)
    {
        ref var mapping = ref At(protocol, port);
        if (mapping.Kind == MappingKind.Dynamic)
            Count--;
        Unlist(mapping.Inside, port);
        mapping = new() { Inside = mapping.Inside, Freed = (ushort)now };
        _used[Word(protocol, port)] &= ~(1UL << port);
    }

    public bool IsExcluded(int protocol, ushort port) => (_excluded[Word(protocol, port)] & 1UL << port) != 0;

    /// <summary>Replaces the ports that somebody else has.</summary>
    public void Exclude(int protocol, ReadOnlySpan<ushort> ports)
    {
        _excluded.AsSpan(protocol * Ports / 64, Ports / 64).Clear();
        foreach (var port in ports)
            _excluded[Word(protocol, port)] |= 1UL << port;
    }

    /// <summary>Keeps these ports from inside hosts, and no others.</summary>
    public void Reserve(IEnumerable<(int Protocol, ushort Port)> wanted)
    {
        Array.Clear(_reserved);
        foreach (var (protocol, port) in wanted)
            _reserved[Word(protocol, port)] |= 1UL << port;
    }

    public void Dispose()
    {
        _byInside.Dispose();
        _table.Dispose();
    }

    private static int Word(int protocol, int port) => (protocol * Ports + port) / 64;

    private void Take(int protocol, ushort port, ulong inside, ushort owner, MappingKind kind)
    {
        ref var mapping = ref At(protocol, port);
        mapping.Inside = inside;
        mapping.Owner = owner;
        mapping.Flows = mapping.Kept = 0;
        Volatile.Write(ref *(int*)&((Mapping*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref mapping))->Kind, (int)kind);
        _used[Word(protocol, port)] |= 1UL << port;
    }

    private void Unlist(ulong inside, ushort port)
    {
        if (Find(inside) == port)
            _byInside.Remove(inside);
    }

    private int RandomFree(int protocol, int first, int last)
    {
        var start = first + _secrets.Below(last - first + 1);
        var port = FirstFree(protocol, start, last);
        return port >= 0 ? port : FirstFree(protocol, first, start - 1);
    }

    private int FirstFree(int protocol, int first, int last)
    {
        for (var port = first; port <= last; port = (port | 63) + 1)
        {
            var free = FreeFrom(protocol, port);
            if (free == 0)
                continue;
            port = (port & ~63) + BitOperations.TrailingZeroCount(free);
            return port <= last ? port : -1;
        }
        return -1;
    }

    /// <summary>The free ports from one on that share its word.</summary>
    private ulong FreeFrom(int protocol, int port)
    {
        var word = Word(protocol, port);
        return ~(_used[word] | _excluded[word] | _reserved[word]) >> port << port;
    }
}
