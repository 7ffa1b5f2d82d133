using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>What an endpoint finds around it where it is opened. All of it belongs to the control loop.</summary>
/// <param name="Workers">Workers there will be.</param>
/// <param name="Control">Watches the endpoint's own descriptors.</param>
/// <param name="Links">Tells the news of interfaces.</param>
/// <param name="Changed">To be called when the endpoint's state may be another one.</param>
/// <param name="Settle"> Returns when every worker has ended the turn it was in: nobody uses any more what was taken from the workers
/// before. </param>
public sealed record EndpointSite(int Workers, IDescriptorWatch Control, LinkWatch Links, Action Changed, Action Settle)
{
    /// <summary>What tells taps of this switch from those of others.</summary>
    public InterfaceMark Mark { get; init; } = InterfaceMark.Nameless;

    /// <summary>What the program before this one has left in this process, until all is open.</summary>
    public Inheritance Inherited { get; init; } = Inheritance.Nothing;
}
