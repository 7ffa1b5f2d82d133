using SoftSwitch.Bounds;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Where the host's rules look at the source (<c>ip rule from</c>), an answer goes where they lead packets with the address that was asked:
/// the kernel is asked once for each such address, and what it says is kept as long as the destination is known. Both cost, so it is done
/// for those alone that a way is asked at, and for not more than <see cref="ProgramLimits.AnsweredAddresses"/>: answers from others go
/// nowhere.
/// </summary>
internal static class AnswersBySource
{
    /// <summary>The addresses that answers may have: the ways' own, then those at which some way is asked for forwards as well.</summary>
    /// <param name="ways">Those that are open.</param>
    /// <param name="aliases">The most important first.</param>
    public static Ipv4Address[] SourcesOf(IReadOnlyDictionary<WayKey, Outside> ways, IReadOnlyList<Ipv4Address> aliases) =>
        [.. ways.Keys.Select(key => key.Address).Union(aliases).Take(ProgramLimits.AnsweredAddresses.Most)];

    /// <summary>By which way an answer with each source leaves: only by one that is asked at that address.</summary>
    /// <param name="ask">What the host's routing says about the destination, with a source.</param>
    public static List<WayTo> To(Ipv4Address destination, IReadOnlyDictionary<WayKey, Outside> ways, Ipv4Address[] sources,
        Func<Ipv4Address, RouteAnswer> ask)
    {
        var answers = new List<WayTo>();
        foreach (var source in sources)
        {
            var answer = ask(source);
            if (answer.Verdict != RouteVerdict.Out)
                continue;
            foreach (var (key, way) in ways)
            {
                if (key.Interface == answer.Interface && way.Translator.IsAskedAt(source))
                    answers.Add(HostRouting.To(way, destination, answer) with { From = source });
            }
        }
        return answers;
    }
}
