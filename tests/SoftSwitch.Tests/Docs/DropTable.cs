using System.Text;
using SoftSwitch.Forwarding.Drops;

namespace SoftSwitch.Tests.Docs;

/// <summary>Why frames go no further, as a page for people.</summary>
internal static class DropTable
{
    public static string Write()
    {
        var text = new StringBuilder("""
            # Drop reasons
            Every frame that doesn't get where it wanted is counted, at a port and with one of these. `softswitch show drops` has those that
            have happened, with the same words; so has the API (`/v1/drops`). What has a limit stands in [limits.md](limits.md).

            | reason | what has happened |
            |---|---|

            """);
        foreach (var reason in Enum.GetValues<DropReason>().Where(reason => reason != DropReason.None))
            text.Append($"| `{reason.Name()}` | {reason.Help().Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        return text.ToString();
    }
}
