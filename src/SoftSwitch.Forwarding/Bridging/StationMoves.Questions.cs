using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>Whether a station is still at its place is asked there, as long as a claim waits for that.</summary>
public sealed partial class StationMoves
{
    private const long BetweenQuestions = 300;
    private const int Questions = 3;

    private volatile bool _isAsking;

    /// <summary>Questions may become due, or an address has moved.</summary>
    public bool IsAsking => _isAsking;

    /// <summary>Questions that are due again. A single one may be lost: who claims a station may fill its port.</summary>
    /// <param name="from">The port to begin with, of those that are up; and where to go on: those of one that claims are enough for a
    /// turn.</param>
    internal IReadOnlyList<Question> Repeat(BridgeView view, ref int from, Instant now)
    {
        List<Question> all = [];
        if (from == 0)
            _isAsking = false;
        for (; from < view.Ports.Length && all.Count == 0; from++)
        {
            var by = view.Ports[from];
            if (ClaimsOf(by) is not { } claims)
                continue;
            lock (_deciding)
            {
                foreach (ref var claim in claims.All)
                {
                    if (!claim.IsPending)
                        continue;
                    _isAsking |= claim.IsAsked;
                    if (fdb.Find(claim.Mac, now) is var at && view.Has(claim.From!) && at.Slot == claim.From!.Slot
                        && at.Heard == claim.Mark && Ask(by, ref claim, at, now) is { At: not null } question)
                        all.Add(question);
                }
            }
        }
        return all;
    }

    /// <summary>The next question about a claim, if it is due. Whom the station was taken from by a claim like this, and brings it again
    /// by the LAN, is asked as well: by the LAN nothing but an answer shows that it isn't a reflection.</summary>
    private Question Ask(Membership by, ref Claim claim, in Whereabouts at, Instant now)
    {
        if (!claim.IsAsked || claim.Questions == Questions
            || (claim.Questions > 0 && now.Milliseconds - claim.AskedAt < BetweenQuestions))
            return default;
        (claim.Questions, claim.AskedAt) = (claim.Questions + 1, now.Milliseconds);
        return new(claim.Mac, claim.From, by.LeadsToLan && WasTakenFrom(by, claim.Mac, claim.From!) ? by : null, at,
            claim.Said);
    }

    private static bool WaitsForAnswer(in Claim claim, Instant now) =>
        claim.IsAsked && (claim.Questions < Questions || now.Milliseconds - claim.AskedAt < BetweenQuestions);
}
