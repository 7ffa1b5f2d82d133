using System.Globalization;
using System.Reflection;
using System.Text;
using SoftSwitch.Bounds;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Linux;

namespace SoftSwitch.Tests.Docs;

/// <summary>What can be used up, as a table for people.</summary>
internal static class LimitTable
{
    private const string Begin = "<!-- limits -->\n", End = "<!-- end of limits -->";

    /// <summary>A table a layer: one above may use what is below, and not the other way round.</summary>
    public static IReadOnlyList<Type> Tables { get; } = [typeof(Limits), typeof(MachineLimits), typeof(ProgramLimits)];

    /// <summary>Every row of them, in their order.</summary>
    public static IEnumerable<Limit> All => Tables
        .SelectMany(table => table.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static))
        .Select(one => one.GetValue(null)).OfType<Limit>();

    /// <summary>The page with the table in its place.</summary>
    public static string WriteInto(string page)
    {
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf(End, StringComparison.Ordinal));
        return $"{page[..begin]}{Write()}{page[end..]}";
    }

    private static string Write()
    {
        var text = new StringBuilder("| what | of | at most | then | counted as |\n|---|---|---|---|---|\n");
        foreach (var limit in All)
        {
            var reason = limit.Reason == DropReason.None ? "" : $"`{limit.Reason.Name()}`";
            text.Append($"| {limit.What} | {Of(limit.Of)} | {Most(limit)} | {Then(limit.Then)} | {reason} |\n");
        }
        return text.ToString();
    }

    private static string Most(Limit limit) => limit switch
    {
        { More: 0 } => Number(limit.Most),
        { Seconds: 1 } => $"{Number(limit.Most)} at once, and {Number(limit.More)} a second",
        _ => $"{Number(limit.Most)} at once, and {Number(limit.More)} in {Number(limit.Seconds)} seconds",
    };

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Of(Holder holder) => holder switch
    {
        Holder.Port => "a port",
        Holder.PortAndNeighbor => "a port, for one neighbor",
        Holder.Sender => "a port inside, an address outside",
        Holder.Network => "a network",
        Holder.Switch => "the networks of one outside address, each way",
        Holder.ControlPlane => "a network, for the switch itself",
        Holder.Subject => "a port, or a network",
        Holder.User => "a user but root",
        Holder.Users => "all users but root together, and root",
        Holder.Process => "the switch",
        _ => throw new ArgumentOutOfRangeException(nameof(holder)),
    };

    private static string Then(AtLimit then) => then switch
    {
        AtLimit.IsRefused => "more is refused",
        AtLimit.LastAreForFew => "more is refused; the last are for who has few",
        AtLimit.IsAskedAnew => "all of it is asked for anew",
        AtLimit.Waits => "more waits",
        AtLimit.GivesUpOwnOldest => "it gives up its own oldest",
        AtLimit.MostGivesUpOldest => "who has the most gives up the oldest of his own",
        AtLimit.MostGivesUpLeast => "who has the most gives up what is worth least of his own, and what works only for somebody else",
        _ => throw new ArgumentOutOfRangeException(nameof(then)),
    };
}
