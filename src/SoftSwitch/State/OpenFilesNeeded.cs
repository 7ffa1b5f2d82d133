using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Model;
using SoftSwitch.State.Nat;

namespace SoftSwitch.State;

/// <summary>How many open files a configuration takes at least.</summary>
internal static class OpenFilesNeeded
{
    /// <summary>The runtime's, the log's, the control socket's, the loops', a network's, and some clients.</summary>
    private const int Base = 64;

    public static long Of(SwitchModel model) =>
        Base + model.Ports.Sum(port => PortKinds.Of(port).OpenFiles) + Forwarded(model);

    /// <summary>Too few are told before anything is begun.</summary>
    /// <exception cref="SystemCallException">There may not be so many.</exception>
    public static void Require(SwitchModel model)
    {
        var (forwards, ports) = (Forwarded(model), Count(model.Ports.Count, "port"));
        OpenFiles.Require(Of(model), forwards == 0 ? ports : $"{ports} and {Count(forwards, "forwarded port")}, each with a socket");
    }

    private static long Forwarded(SwitchModel model) => ForwardSockets.CountOf(SharedPorts.ForwardedByHost(model));

    private static string Count(long number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
