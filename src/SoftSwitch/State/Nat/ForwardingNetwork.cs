namespace SoftSwitch.State.Nat;

/// <summary>What <see cref="ForwardTargets"/> knows of a network.</summary>
/// <param name="Network">The network.</param>
/// <param name="Places">Where its forwards stand in <see cref="ForwardTargets.Status"/>.</param>
/// <param name="Guests">Those whose addresses are to be found.</param>
internal sealed record ForwardingNetwork(NatNetwork Network, Range Places, ForwardedGuest[] Guests)
{
    /// <summary>Its forwards lead elsewhere than the translators know.</summary>
    public bool IsToBeApplied { get; set; }

    /// <summary>Addresses are bound that nothing leads to any more.</summary>
    public bool IsToBeReleased { get; set; }
}
