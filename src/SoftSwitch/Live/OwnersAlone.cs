using SoftSwitch.Config;
using SoftSwitch.Config.Keys;
using SoftSwitch.Model;

namespace SoftSwitch.Live;

/// <summary>
/// What only root, or the user that the switch runs as, may have it do: write files where somebody names them. The group of the control
/// socket may plug things in; it may not have root write into any file of the machine.
/// </summary>
internal static class OwnersAlone
{
    /// <param name="model">What is to run.</param>
    /// <param name="now">What runs.</param>
    public static IReadOnlyList<string> Obstacles(SwitchModel model, SwitchModel now)
    {
        var logs = now.Networks.Select(network => network.Nat?.FlowLog).ToHashSet();
        return
        [
            .. from network in model.Networks
               where network.Nat?.FlowLog is not null && !logs.Contains(network.Nat.FlowLog)
               select $"network {network.Name}: {Refusal(NatKeys.FlowLog.Name)}",
            .. model.State == now.State ? Array.Empty<string>() : [Refusal(SwitchKeys.State.Name)],
        ];
    }

    private static string Refusal(string key) =>
        $"'{key}' names a file that the switch writes: only the user that it runs as, or root, may say which; write it into the "
            + "configuration file and reload";
}
