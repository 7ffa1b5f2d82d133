using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Relays;
using SoftSwitch.Model;
using SoftSwitch.State.Nat;

namespace SoftSwitch.State;

/// <summary>How many open files a configuration takes at least: too few is told before anything is begun, with how many are
/// needed.</summary>
internal static class OpenFilesNeeded
{
    /// <summary>The runtime's, the log's, the control socket's, the loops', a network's, and some clients.</summary>
    private const int Base = 64;

    /// <summary>Connections by forwards.</summary>
    private const int Relayed = 128;

    /// <exception cref="SystemCallException">There may not be so many.</exception>
    public static void Require(SwitchModel model)
    {
        var forwards = HostForwards.SocketsOf(SharedPorts.ForwardedByHost(model));
        var ports = Count(model.Ports.Count, "port");
        OpenFiles.Require(Base + model.Ports.Sum(port => PortKinds.Of(port).OpenFiles) + (forwards == 0 ? 0 : Relayed + forwards),
            forwards == 0 ? ports : $"{ports} and {Count(forwards, "forwarded port")} with a listening socket");
    }

    private static string Count(long number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
