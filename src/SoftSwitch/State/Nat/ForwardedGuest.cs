using SoftSwitch.Packets;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Nat;

/// <summary>The guest behind a port that forwards lead to by the port's name. Used by the control loop alone.</summary>
/// <param name="network">The network's name.</param>
/// <param name="port">The port's name.</param>
/// <param name="guest">Finds its address.</param>
/// <param name="forwards">Their places in <see cref="ForwardTargets.Status"/>.</param>
internal sealed class ForwardedGuest(string network, string port, GuestAddress guest, IReadOnlyList<int> forwards)
{
    public string Network => network;

    public string Port => port;

    public GuestAddress Guest => guest;

    public IReadOnlyList<int> Forwards => forwards;

    /// <summary>The port as it lives; null: it isn't there.</summary>
    public PortState? State { get; set; }

    /// <summary>The address that is bound to the port; null: none.</summary>
    public Ipv4Address? Bound { get; set; }

    /// <summary>The same guest, with forwards at other places.</summary>
    public ForwardedGuest At(IReadOnlyList<int> places) => new(network, port, guest, places)
    {
        State = State, Bound = Bound, IsSaidToWait = IsSaidToWait,
    };

    /// <summary>Nothing leads to it any more: nobody need listen at its port.</summary>
    public void Forget()
    {
        if (State?.Membership is { } member && member.Heard == guest.Heard)
            member.Heard = null;
    }

    /// <summary>A line has said that its forwards wait.</summary>
    public bool IsSaidToWait { get; set; }
}
