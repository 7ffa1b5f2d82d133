using SoftSwitch.Api.Views;

namespace SoftSwitch.Cli.Tables;

/// <summary>`show flows` for people.</summary>
internal static class FlowTable
{
    public static TextTable Of(IReadOnlyList<FlowView> flows)
    {
        var table = new TextTable("NETWORK", "PROTOCOL", "INSIDE", "OUTSIDE", "REMOTE", "STATE", ">AGE", ">IDLE").Dispensable("AGE", "IDLE", "STATE", "NETWORK");
        foreach (var flow in flows)
            table.Add(flow.Network, flow.Protocol, flow.Inside, flow.Outside, flow.Remote, flow.State, Units.Seconds(flow.Age), Units.Seconds(flow.Idle));
        return table;
    }
}
