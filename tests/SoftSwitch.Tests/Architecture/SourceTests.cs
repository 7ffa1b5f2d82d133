using System.Text.RegularExpressions;

namespace SoftSwitch.Tests.Architecture;

/// <summary>What holds for each file of <c>src</c>.</summary>
public sealed partial class SourceTests
{
    private const int LongestFile = 300;

    /// <summary>Structs and constants of C headers keep their names, and both they and the calls stand in one folder.</summary>
    private const string Interop = "SoftSwitch.Linux.Interop";

    [Fact]
    public void No_file_name_is_there_twice() =>
        Assert.Empty(SourceFile.All.GroupBy(file => file.Name).Where(files => files.Count() > 1).Select(files => files.Key));

    [Fact]
    public void No_file_is_too_long() => Assert.Empty(Where(file => file.Text.Count(letter => letter == '\n') > LongestFile));

    [Fact]
    public void A_namespace_is_a_folder() => Assert.Empty(Where(file => file.Namespace is { } own && own != file.Folder));

    [Fact]
    public void Native_calls_and_names_are_in_one_folder() =>
        Assert.Empty(Where(file => file.Folder != Interop && (NativeCall().IsMatch(file.Text) || NativeName().IsMatch(file.Text))));

    [Fact]
    public void Types_are_called_after_what_they_are() => Assert.Empty(Where(file => EmptyName().IsMatch(file.Text)));

    /// <summary>The command and the API have decided.</summary>
    [Fact]
    public void A_neighbor_has_one_spelling() =>
        Assert.Empty(Where(file => file.Folder != Interop && file.Text.Contains("neighbour", StringComparison.OrdinalIgnoreCase)));

    /// <summary>
    /// A station reads a packet's header, and hands on what it has read: in one place for packets to itself, in one for broadcasts, and in
    /// one each from the copy of a packet that has become another since, or that has waited. What goes to the host's own stack no station
    /// sees: its gate reads it, and what the host says when it asks for an address. What guests may not
    /// say no station sees either: their guard reads all that they say. What servers answer when an outside address is leased
    /// comes by a socket of its own.
    /// </summary>
    [Fact]
    public void A_packet_is_read_once() => Assert.Equal(
        [("GuestGuard.Ipv4.cs", 1), ("HostGate.cs", 2), ("Gateway.cs", 1), ("LeaseAnswer.cs", 1),
            ("Station.Ipv4.cs", 2), ("Station.cs", 1), ("IcmpTranslation.cs", 1)],
        SourceFile.All.Select(file => (file.Name, PacketReader().Count(file.Text))).Where(file => file.Item2 > 0));

    private static IEnumerable<string> Where(Func<SourceFile, bool> isWrong) => SourceFile.All.Where(isWrong).Select(file => file.Path);

    [GeneratedRegex(@"\bIpv4Layout\.TryRead\(")]
    private static partial Regex PacketReader();

    [GeneratedRegex(@"\b(?:DllImport|LibraryImport)\b|\bextern\b")]
    private static partial Regex NativeCall();

    [GeneratedRegex(@"^\s*(?:\w+ )*(?:const \w+ [A-Z0-9]+_[A-Z0-9_]+\b|struct [a-z])", RegexOptions.Multiline)]
    private static partial Regex NativeName();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record) \w*(?:Manager|Helper|Utils?|Common|Base|Impl)\b")]
    private static partial Regex EmptyName();
}
