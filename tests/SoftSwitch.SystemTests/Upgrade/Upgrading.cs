using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Upgrade;

/// <summary>Planned restarts of a switch that runs.</summary>
internal static partial class Upgrading
{
    /// <summary>How often a test has it done: <c>SOFTSWITCH_UPGRADES</c>, or a few times.</summary>
    public static int Times => int.TryParse(
        Environment.GetEnvironmentVariable("SOFTSWITCH_UPGRADES"), CultureInfo.InvariantCulture, out var given) ? given : 5;

    /// <summary>Has the installed program go on, and waits until it does.</summary>
    public static void Upgrade(this SoftSwitchProcess running)
    {
        var before = running.Restarts();
        var upgraded = running.Client("upgrade");
        Assert.True(upgraded.ExitStatus == 0, upgraded.Output + upgraded.Error);
        Assert.Equal(before + 1, running.Restarts());
    }

    /// <summary>How often another program has gone on.</summary>
    public static int Restarts(this SoftSwitchProcess running)
    {
        using var status = JsonDocument.Parse(Shell.Run(
            "curl", ["-sS", "--unix-socket", running.Socket, "http://localhost/v1/status"]).Succeeded().Output);
        return status.RootElement.GetProperty("restarts").GetInt32();
    }

    /// <summary>How long nothing was forwarded, each time, as the switch says it.</summary>
    public static IReadOnlyList<int> Pauses(this SoftSwitchProcess running) =>
        [.. running.Errors.Select(line => Pause().Match(line)).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex("nothing was forwarded for ([0-9]+) ms")]
    private static partial Regex Pause();
}
