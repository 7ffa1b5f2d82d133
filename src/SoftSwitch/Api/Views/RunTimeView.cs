using SoftSwitch.Api.Lists;
using SoftSwitch.State;

namespace SoftSwitch.Api.Views;

/// <summary>A network, port or forward that isn't as the file has it.</summary>
internal static class RunTimeView
{
    public static ApiObject<RunTimeOrigin> Members { get; } = new ApiObject<RunTimeOrigin>("RunTimeItem")
        .Text("what", "What it is.", one => one.What, ["network", "port", "forward"])
        .Text("name", "Its name; of a forward its network, ports and, where it is for one alone, address.", one => one.Name)
        .Text("is",
            "replaced: another stands in place of the file's; changed: keys of the file's were set; removed: the file's is left out.",
            one => one.Is, ["added", "replaced", "changed", "removed"])
        .Text("keys", "What was said of it, as JSON.", one => one.Keys)
        .OptionalTime("expires", "When it is as in the file again, where that was said.", one => one.Expires);
}
