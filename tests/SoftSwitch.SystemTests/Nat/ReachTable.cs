using System.Net;
using System.Text.RegularExpressions;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>
/// The table of docs/nat.md that says who reaches what. Its head names who, each row begins with what, an address and perhaps a port, and a
/// cell is a word of <see cref="Word"/>.
/// </summary>
internal static partial class ReachTable
{
    /// <summary>Where services are that no row names a port of.</summary>
    public const int ServicePort = 7000;

    private const string Head = "| who reaches |";

    /// <summary>Who, in the order of the head, and each row: how it begins, what it names, and its cells.</summary>
    public static (string[] Who, (string Text, IPEndPoint What, string[] Cells)[] Rows) Read()
    {
        var page = File.ReadLines(Path.Combine(SourceTree.Root, "docs", "nat.md"));
        var lines = page.SkipWhile(line => !line.StartsWith(Head, StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries)).ToArray();
        return ([.. lines[0].Skip(1).Select(name => name.Trim('`'))],
            [.. lines.Skip(2).Select(row => (row[0], What(row[0]), row[1..]))]);
    }

    /// <summary>How a cell says what was answered.</summary>
    public static string Word(bool tcp, bool udp, bool ping) => (tcp, udp, ping) switch
    {
        (true, true, true) => "yes",
        (false, false, false) => "no",
        (false, false, true) => "ping",
        _ => string.Join('+', Probe.Protocols.Where((_, i) => (i switch { 0 => tcp, 1 => udp, _ => ping }))),
    };

    private static IPEndPoint What(string text)
    {
        var what = Address().Match(text).Groups[1].Value;
        return IPEndPoint.Parse(what.Contains(':') ? what : $"{what}:{ServicePort}");
    }

    [GeneratedRegex(@"`([\d.:]+)`$")]
    private static partial Regex Address();
}
