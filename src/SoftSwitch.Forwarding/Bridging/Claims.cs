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

    /// <summary>What of them is yet to be said (<see cref="Limits.Moves"/>).</summary>
    public int Untold { get; set; }

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

    /// <summary>A new claim of a station, in an empty place or in that of the oldest; a null reference: there is no place now. Those that
    /// count against the port, or by which a station goes back, come last: it mustn't be rid of them by claiming more.</summary>
    /// <param name="mac">The station.</param>
    /// <param name="before">Claims that were made after this moment keep their places.</param>
    /// <param name="barred">A claim that was refuted after this moment counts against the port.</param>
    public ref Claim Add(ulong mac, long before, long barred)
    {
        ref var least = ref _claims[0];
        foreach (ref var claim in _claims.AsSpan())
        {
            if (Worth(claim, barred).CompareTo(Worth(least, barred)) < 0)
                least = ref claim;
        }
        if (least.IsPending || (least.Mac != 0 && least.Since > before))
            return ref Unsafe.NullRef<Claim>();
        least = new() { Mac = mac, Since = before };
        return ref least;
    }

    private static (int Rank, long Since) Worth(in Claim claim, long barred) => (
        claim.Mac == 0 ? 0 : claim.IsPending ? 3 : claim.IsGranted || (claim.Strikes > 0 && claim.Struck > barred) ? 2 : 1, claim.Since);
}
