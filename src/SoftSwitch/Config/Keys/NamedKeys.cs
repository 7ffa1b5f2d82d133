using SoftSwitch.Config.Rows;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Keys;

/// <summary>The keys that networks and ports both have.</summary>
internal sealed class NamedKeys : Table<NamedModel>
{
    public static readonly ScalarRow<int> Mtu = Key("mtu", Scalars.Mtu,
        named => named.Mtu, (named, mtu) => named with { Mtu = mtu },
        "bytes of the longest packet; of a port no more than the network's, and of a `tap` or `guest` at most 65521");

    public static readonly ScalarRow<string> Comment = Key("comment",
        new($"a text of one line, at most {LongestComment} characters", ParseComment),
        named => named.Comment, (named, comment) => named with { Comment = comment },
        "what people are told about it, in `show` and the API");

    public static readonly IReadOnlyList<Row> All = [Mtu, Comment];

    private const int LongestComment = 200;

    private static bool ParseComment(string text, out string comment) =>
        (comment = text).Length is > 0 and <= LongestComment
        && !text.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter) || letter is '\u2028' or '\u2029');
}
