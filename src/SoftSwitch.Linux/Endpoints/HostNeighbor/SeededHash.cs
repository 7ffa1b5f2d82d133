using System.Security.Cryptography;

namespace SoftSwitch.Linux.Endpoints.HostNeighbor;

/// <summary>Hashes addresses that strangers choose. It has secrets, so choosing addresses doesn't choose buckets.</summary>
internal sealed class SeededHash : IEqualityComparer<ulong>
{
    private readonly ulong _seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private readonly ulong _multiplier = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    public bool Equals(ulong x, ulong y) => x == y;

    public int GetHashCode(ulong mac)
    {
        var mixed = (mac ^ _seed) * _multiplier;
        return (int)((mixed ^ mixed >> 29) * 0x9E37_79B9_7F4A_7C15 >> 32);
    }
}
