using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>The program SoftSwitch.OutsideProbe in a namespace: a process of its own, to be ended.</summary>
internal static class OutsideProbe
{
    internal static readonly string Program = Path.Combine(AppContext.BaseDirectory, "SoftSwitch.OutsideProbe");

    internal static BackgroundProcess Start(NetNs space, params string[] arguments)
    {
        var process = space.Start(Program, arguments);
        process.WaitForLine(line => line.StartsWith("ready", StringComparison.Ordinal));
        return process;
    }
}
