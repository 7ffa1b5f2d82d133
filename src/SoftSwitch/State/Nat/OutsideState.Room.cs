using System.Globalization;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
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

    private static string AllTaken => string.Create(CultureInfo.InvariantCulture, $"{MostWays} ways out is all there are");

    private Port? PortOf(NaptOwner owner) => Array.Find(_networks, network => network.Policy == owner.Policy)
        is { Gateway.Membership.Bridge: var bridge } ? bridge.View[owner.Port]?.Port : null;
}
