using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Budgets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// The claims of one port, so that whoever claims much fills his own places alone. A place is used again when its claim is decided and at
/// least a second old: that bounds how many questions a port can have asked. Used under the lock of <see cref="StationMoves"/>.
/// </summary>
internal sealed class Claims
{
    private readonly Claim[] _claims = new Claim[Limits.Claims.Most];

    /// <summary>All places, empty ones too.</summary>
    public Span<Claim> All => _claims;

    /// <summary>The claim of a station; a null reference: there is none.</summary>
    public ref Claim Find(ulong mac)
    {
        foreach (ref var claim in _claims.AsSpan())
        {
            if (claim.Mac == mac)
                return ref claim;
        }
        return ref Unsafe.NullRef<Claim>();
    }

    /// <summary>A new claim of a station, in an empty place or in that of the oldest; a null reference: there is no place now.</summary>
    /// <param name="mac">The station.</param>
    /// <param name="before">Claims that were made after this moment keep their places.</param>
    public ref Claim Add(ulong mac, long before)
    {
        ref var oldest = ref _claims[0];
        foreach (ref var claim in _claims.AsSpan())
        {
            if (Worth(claim) < Worth(oldest))
                oldest = ref claim;
        }
        if (Worth(oldest) > before)
            return ref Unsafe.NullRef<Claim>();
        oldest = new() { Mac = mac, Since = before };
        return ref oldest;
    }

    private static long Worth(in Claim claim) => claim.Mac == 0 ? long.MinValue : claim.IsPending ? long.MaxValue : claim.Since;
}
