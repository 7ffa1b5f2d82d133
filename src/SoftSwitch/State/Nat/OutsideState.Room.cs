using System.Globalization;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Nat;

/// <summary>What is done when all ways out are taken.</summary>
internal sealed partial class OutsideState
{
    /// <summary>Ends one of them, with the flows there.</summary>
    /// <exception cref="InvalidOperationException">There is none to give up.</exception>
    private void MakeRoom()
    {
        if (WayRoom.Find(_ways, PortOf) is not ({ } oldest, { } by, var count))
            throw new InvalidOperationException($"{AllTaken}, and no single port's is used by it alone");
        _running.Log.News(LogSubject.OfOutside(Name), LogLevel.Warning, string.Create(CultureInfo.InvariantCulture,
            $"by {oldest.Link?.Interface} as {oldest.Address} no more, until a packet is to go there: {AllTaken}, and {count} of them were "
            + $"opened for port {by.Name}"));
        Close(oldest);
        End(oldest);
    }

    /// <summary>The table of a translator is as large as it was made. Where a network that is alone here may have more flows, all of its
    /// tables are made anew; that ends its flows. Where others share them, it waits.</summary>
    private void MakeRoomForFlows(Instant now)
    {
        var room = Translators.Select(translator => translator.Capacity).DefaultIfEmpty(int.MaxValue).Min();
        if (Array.Find(_networks, network => network.Nat.Flows > room) is not { } wide)
            return;
        var what = string.Create(CultureInfo.InvariantCulture, $"flows: {wide.Nat.Flows} of network {wide.Model.Name}, and there was room ")
            + string.Create(CultureInfo.InvariantCulture, $"for {room}");
        if (_networks.Length > 1)
        {
            Warn($"{what}, which others share: more than that begins with the next start of the switch");
            return;
        }
        _running.Log.News(LogSubject.OfOutside(Name), LogLevel.Info, $"{what}: its table is made anew, so its flows have ended");
        ForTranslators((translator, ended) => translator.RemovePolicy(wide.Policy, now, ended));
        foreach (var way in _ways)
        {
            Close(way);
            End(way);
        }
        var toHost = _host.Way?.Translator;
        _host.Close();
        if (toHost is not null)
            EndFlows(toHost);
    }

    private static string AllTaken => string.Create(CultureInfo.InvariantCulture, $"{MostWays} ways out is all there are");

    private Port? PortOf(NaptOwner owner) => Array.Find(_networks, network => network.Policy == owner.Policy)
        is { Gateway.Membership.Bridge: var bridge } ? bridge.View[owner.Port]?.Port : null;
}
