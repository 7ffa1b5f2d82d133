using SoftSwitch.Linux.Resolvers;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Names;

/// <summary>
/// Has the host's own programs find the names of networks: systemd-resolved is told, for the interface that the host has in a network, to
/// ask there for names below its domain and for its addresses, and for nothing else. It knows that for as long as the interface is there,
/// so nothing is left behind, at an end as after a kill. Where it can't be told, the log says the line to write for who is asked instead;
/// it is tried again once in a while, as it may start later than the switch.
/// <para>Used by the control loop alone. The tool that tells it may take its time: it runs elsewhere.</para>
/// </summary>
/// <param name="log">Gets a line for what can't be told.</param>
/// <param name="begin">Runs something elsewhere, one after the other.</param>
/// <param name="post">Runs something on the control loop.</param>
/// <param name="resolvectl">Runs the tool with arguments; returns what stands in the way; null: it is done.</param>
internal sealed class HostNames(ISwitchLog log, Action<Action> begin, Action<Action> post, Func<string[], string?> resolvectl)
{
    private const long PauseAfterFailure = 30_000;

    private readonly Dictionary<string, ResolvedLink> _told = [];
    private readonly Dictionary<string, long> _failedAt = [];
    private readonly HashSet<string> _complained = [];

    /// <summary>With systemd-resolved.</summary>
    public static HostNames Start(ISwitchLog log, Action<Action> post)
    {
        var last = Task.CompletedTask;
        return new(log, step => last = last.ContinueWith(_ => step(), TaskScheduler.Default), post, Resolvectl.Run);
    }

    /// <summary>Tells what isn't told yet, and takes back what isn't so any more.</summary>
    /// <param name="now">In milliseconds.</param>
    public void Follow(IReadOnlyList<ResolvedLink> links, long now)
    {
        foreach (var gone in _told.Values.Where(told => !links.Any(link => link.Network == told.Network)).ToList())
        {
            _told.Remove(gone.Network);
            _failedAt.Remove(gone.Network);
            // With its interface it is gone already.
            begin(() => resolvectl(["revert", $"{gone.Index}"]));
        }
        foreach (var link in links)
        {
            if (_told.GetValueOrDefault(link.Network) == link
                && !(_failedAt.TryGetValue(link.Network, out var failedAt) && now - failedAt >= PauseAfterFailure))
                continue;
            _told[link.Network] = link;
            _failedAt.Remove(link.Network);
            begin(() =>
            {
                if (Tell(link) is { } obstacle)
                    post(() => Failed(link, obstacle, now));
            });
        }
    }

    private string? Tell(ResolvedLink link) => resolvectl(["dns", $"{link.Index}", $"{link.Server}"])
        ?? resolvectl(["domain", $"{link.Index}", .. link.Zones.Select(zone => $"~{zone}")])
        ?? resolvectl(["default-route", $"{link.Index}", "no"]);

    private void Failed(ResolvedLink link, string obstacle, long now)
    {
        if (_told.GetValueOrDefault(link.Network) != link)
            return;
        _failedAt[link.Network] = now;
        if (_complained.Add(link.Network))
        {
            log.Write(LogLevel.Warning, $"network {link.Network}: this host isn't told whom to ask for names below {link.Domain}: "
                + $"{obstacle}; whoever it asks takes a line such as server=/{link.Domain}/{link.Server} (dnsmasq)");
        }
    }
}
