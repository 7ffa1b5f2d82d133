using SoftSwitch.Config.Keys;
using SoftSwitch.Kinds;
using SoftSwitch.Model;

namespace SoftSwitch.State.Changes;

/// <summary>Decides what becomes of each port that is there before and after a change. A key that isn't named here replaces its port: one
/// that is new needs nothing here, and does no harm.</summary>
internal static class PortFates
{
    /// <summary>Keys whose new value goes into the open port.</summary>
    private static readonly HashSet<string> s_adapting =
        [NamedKeys.Comment.Name, NamedKeys.Mtu.Name, PortKeys.FloodLimit.Name, PortKeys.Guard.Name, PortKeys.Admin.Name];

    /// <param name="change">Of a port.</param>
    /// <param name="isRemade">Its network is another, whatever its name is.</param>
    public static PortFate Of(NamedChange<PortModel> change, bool isRemade)
    {
        var (before, after) = (change.Before, change.After);
        var keys = change.Keys.Select(key => key.Key).Where(key => !s_adapting.Contains(key)).ToHashSet();
        // The other end of a guest's port has its address from whoever starts the guest: it is what the network takes it for.
        var isNewStation = keys.Remove(PortKeys.Mac.Name) && before is GuestModel && after is GuestModel;
        var isElsewhere = keys.Remove(PortKeys.Network.Name) || isRemade;
        if (before.Kind != after.Kind || keys.Count > 0 || (before.Mac != after.Mac && !isNewStation))
            return PortFate.IsReplaced;
        // What an uplink brings with it is its network's.
        if (isElsewhere && (before is NicModel { IsUplink: true } || after is NicModel { IsUplink: true }))
            return PortFate.IsReplaced;
        return isElsewhere || isNewStation ? PortFate.Moves : PortFate.Adapts;
    }
}
