using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Identifications of what leaves by the outside address and may be fragmented, here or anywhere on its way (RFC 6864, 5.3.1; RFC 7857,
/// section 10). Outside, many hosts are one source; had their packets the identifications that each of them chose, the fragments of two
/// would be put together to one.
/// <para>
/// To one destination, by one protocol, the same comes again after 65,536 others. Destinations share places, which only makes it come
/// sooner; each place begins anywhere. For all workers, without a lock.
/// </para>
/// </summary>
internal sealed class Identifications
{
    private const int PlaceBits = 12;

    private readonly uint[] _next = new uint[1 << PlaceBits];
    private readonly ulong _seed;
    private readonly ulong _multiplier;

    public Identifications(Secrets secrets)
    {
        (_seed, _multiplier) = (secrets.Next(), secrets.Next() | 1);
        for (var i = 0; i < _next.Length; i++)
            _next[i] = (uint)((_seed ^ (ulong)i) * _multiplier >> 32);
    }

    /// <param name="count">Packets: what is cut into segments later numbers them from here.</param>
    public ushort Take(Ipv4Address destination, byte protocol, int count = 1)
    {
        var key = (ulong)protocol << 32 | destination.Value;
        ref var next = ref _next[(key ^ _seed) * _multiplier >> (64 - PlaceBits)];
        return (ushort)(Interlocked.Add(ref next, (uint)count) - (uint)count);
    }
}
