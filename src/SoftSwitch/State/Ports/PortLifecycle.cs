using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;

namespace SoftSwitch.State.Ports;

/// <summary>
/// What becomes of a port: it is opened, follows its other end, fails, is retried, is closed, and each of these is reported. It takes part
/// in forwarding only while it is up. Used by the control loop alone, but for <see cref="Release"/>.
/// <code>
///            Open                Refresh: up, waiting, down
///   (none) ───────► in its bridge ─────────────────────────► and up or not
///      ▲                │ Fail: the worker says so, or the other end is gone
///      └── Retry ◄──────┘  after a pause that grows, and when its interface comes back
/// </code>
/// </summary>
/// <param name="workers">Who carries its frames.</param>
/// <param name="control">Watches the descriptors of other ends.</param>
/// <param name="links">Tells the news of interfaces.</param>
/// <param name="news">Tells what becomes of ports.</param>
/// <param name="joined">Called when a port has its place in a bridge, before it takes part in forwarding.</param>
/// <param name="cameUp">Called when one takes part that didn't before.</param>
internal sealed class PortLifecycle(
    SwitchWorkers workers, IDescriptorWatch control, LinkWatch links, PortNews news, Action<PortState> joined, Action<PortState> cameUp)
{
    /// <summary>Open files of a port that no file names.</summary>
    private const int FilesOfOurs = 5;

    private long _cameUp;

    /// <summary>What it writes on interfaces that outlive the switch.</summary>
    public InterfaceMark Mark { get; init; } = InterfaceMark.Nameless;

    /// <summary>What the program before this one has left in this process, until all is open.</summary>
    public Inheritance Inherited { get; init; } = Inheritance.Nothing;

    /// <summary>Says to the program that goes on in this process what it can't see.</summary>
    public static void Leave(PortState state, Inheritance heir)
    {
        if (state.Status == PortStatus.Up)
            heir.Leave(UpKey(state), "");
    }

    private static string UpKey(PortState state) => $"{state.Model.Name} up";

    /// <exception cref="SystemCallException">An obstacle of the machine; what is half open is for <see cref="Close"/>.</exception>
    /// <exception cref="InvalidOperationException">The port that it needs isn't open, or its bridge is full.</exception>
    public void Open(PortState state)
    {
        if (state.Needs is { Port: null } needed)
            throw new InvalidOperationException(Without(needed));
        DevicePort port;
        try
        {
            // What the program before has left of it is open already, and must not go for want of room.
            if (InterfaceEndpoint.NameLeft(Inherited, state.Model.Name) is null)
                OpenFiles.RequireRoom(PortKinds.Find(state.Model.Kind)?.OpenFiles ?? FilesOfOurs);
            port = state.Endpoint.Open(new(workers.Count, control, links, () => Changed(state), workers.Settle)
            {
                Mark = Mark,
                Inherited = Inherited,
            });
        }
        finally
        {
            state.Retries.Tried(Environment.TickCount64);
        }
        // From here on closing finds what it undoes, whichever of the following fails.
        state.Opened(port);
        var member = Attach(port, state.Bridge, state.Model);
        state.Worker.Add(port, member);
        state.Joined(member);
        joined(state);
        Refresh(state);
    }

    /// <summary>Gives a port a place in another bridge, in which it takes no part yet.</summary>
    /// <returns>Null: it isn't open.</returns>
    /// <exception cref="InvalidOperationException">That is full.</exception>
    public static Membership? Place(PortState state, Bridge bridge, PortModel after) =>
        state is { Port: { } port, Membership: not null } ? Attach(port, bridge, after) : null;

    /// <summary>Has a port go on in another place, without closing it: what it brings is heard here or there, and lost in
    /// neither.</summary>
    /// <param name="state">The port.</param>
    /// <param name="after">What it is there.</param>
    /// <param name="bridge">Where that is.</param>
    /// <param name="place">Its own, of <see cref="Place"/>.</param>
    /// <param name="held">Why its network waits; null: it doesn't.</param>
    public void Move(PortState state, PortModel after, Bridge bridge, Membership? place, string? held)
    {
        var before = state.Membership;
        state.Move(after, bridge, place);
        state.Held = held;
        Try(state, () => Refresh(state));
        if (place is not null && state is { Port: { } port } && state.Membership == place)
            state.Worker.Replug(port, place);
        before?.Bridge.Detach(before);
        if (state.IsKeptClosed || state.Port is null)
            Try(state, () => Hold(state, held));
        else if (state.Status == PortStatus.Up)
            cameUp(state);
    }

    private static Membership Attach(DevicePort port, Bridge bridge, PortModel model)
    {
        var member = bridge.Attach(port, port.Station ?? model.Mac, port.Gate, isBound: port.Station is null);
        member.LeadsToLan = PortKinds.Find(model.Kind) is not { LeadsToLan: false };
        return member;
    }

    public void Close(PortState state) => Release(state, Withdraw(state));

    /// <summary>Takes a port out of forwarding: when this returns, nobody uses it.</summary>
    public DevicePort? Withdraw(PortState state)
    {
        if (state.Port is not { } port)
            return null;
        Try(state, () =>
        {
            if (state.NeededBy is { Port: not null } other)
                Fail(other, Without(state));
        });
        Try(state, () =>
        {
            if (state.Membership is not { } member)
                return;
            member.Bridge.Detach(member);
            state.Worker.Remove(port);
        });
        // Others may still be sending to it.
        Try(state, workers.Settle);
        Try(state, () =>
        {
            try
            {
                state.PollKernelDrops();
            }
            catch (SystemCallException)
            {
                // What it dropped since the last look isn't counted: it is closed all the same.
            }
        });
        state.Closed();
        return port;
    }

    /// <summary>Gives descriptor and interface back to the machine. What fails of it is told: the rest goes on, and so does whoever closes
    /// it. For any thread.</summary>
    public void Release(PortState state, DevicePort? port)
    {
        Try(state, () => port?.Dispose());
        Try(state, state.Endpoint.Dispose);
    }

    /// <summary>Closes a port until it can be opened again.</summary>
    public void Fail(PortState state, string reason)
    {
        Close(state);
        state.Retries.Failed(Environment.TickCount64);
        if (state.Set(PortStatus.Failed, reason))
            news.Tell(state);
    }

    public void Retry(PortState state)
    {
        if (state.IsKeptClosed)
            return;
        try
        {
            Open(state);
        }
        catch (Exception e)
        {
            Fail(state, e is ArgumentException or InvalidOperationException ? e.Message : Mistake.Text(e));
        }
        if (state is { Port: not null, NeededBy: { Port: null } other })
            Retry(other);
    }

    /// <summary>About once a second, while it is open.</summary>
    public void Tick(PortState state, long now)
    {
        state.Endpoint.Tick(new(now));
        state.Remark = RemarkOn(state, new(now));
        if (state.Endpoint.Complaint == state.ToldComplaint)
            return;
        state.ToldComplaint = state.Endpoint.Complaint;
        news.TellComplaint(state);
    }

    /// <summary>Both are told where they are found.</summary>
    private static string? RemarkOn(PortState state, Instant now) => state.Endpoint.Complaint
        ?? (state.Membership is { Bridge: var bridge } member
            && (bridge.Moves.WrongAbout(member, now) ?? bridge.AddressPlaces.Moves.WrongAbout(member, now)) is { } news
                ? MoveText.Of(news)
                : state.Membership is { } brings && brings.Bridge.PretendedBy(brings, now) is { } pretence ? MoveText.Of(pretence)
                : state.Membership is { } guarded && guarded.Bridge.OffenceOf(guarded, now) is { } offence ? GuardText.Of(offence)
                : null)
        ?? (state.Model is InterfaceModel { TakesAddress: true, Address: null }
            ? "has no address, for none was free in its network at the start: give it one (address), or the network a wider subnet" : null);

    /// <summary>The port's network waits, or doesn't any more.</summary>
    /// <param name="state">The port.</param>
    /// <param name="why">Null: it doesn't.</param>
    public void Hold(PortState state, string? why)
    {
        state.Held = why;
        if (state.IsKeptClosed)
        {
            Close(state);
            state.Set(PortStatus.Waiting, why);
        }
        else if (state.Port is null && why is null)
            Retry(state);
        else
            Refresh(state);
    }

    /// <summary>Something has gone wrong at a port that never should: it costs this port, until it can be opened again.</summary>
    public void Break(PortState state, Exception e) => Try(state, () => Fail(state, Mistake.Text(e)));

    /// <summary>Something has gone wrong at a port that doesn't end it.</summary>
    public void TellMistake(PortState state, Exception e) => news.TellMistake(state, e);

    /// <summary>A part of what is done about a port; the other parts are done whatever becomes of it.</summary>
    private void Try(PortState state, Action part) => Bulkhead.Run(part, e => news.TellMistake(state, e));

    /// <summary>The endpoint says that its state may be another one, in the midst of news that others wait for, too.</summary>
    private void Changed(PortState state) => Bulkhead.Run(() => Refresh(state), e => Break(state, e));

    private static string Without(PortState needed) => $"it comes with port {needed.Model.Name}, which isn't open";

    /// <summary>Follows what its other end and its loop are now.</summary>
    public void Refresh(PortState state)
    {
        if (state.Membership is not { } member)
            return;
        var now = state.Endpoint.State;
        if (now == EndpointState.Gone)
        {
            Fail(state, state.Endpoint.Obstacle!);
            return;
        }
        if (now == EndpointState.Changed)
        {
            Close(state);
            Retry(state);
            return;
        }
        if (state.Held is { } why)
        {
            // Its network has told it.
            member.Bridge.SetUp(member, false);
            state.Set(PortStatus.Waiting, why);
            return;
        }
        if (state.Model.Admin == AdminState.Down)
        {
            member.Bridge.SetUp(member, false);
            if (state.Set(PortStatus.Down, $"set down: softswitch port up {state.Model.Name}"))
                news.Tell(state);
            return;
        }
        if (state.Loop is { } loop && now == EndpointState.Up)
        {
            member.Bridge.SetUp(member, false);
            if (state.Set(PortStatus.Failed, loop.Reason(state)))
                news.Tell(state);
            return;
        }
        member.Bridge.SetUp(member, now == EndpointState.Up);
        var status = now switch
        {
            EndpointState.Up => PortStatus.Up,
            EndpointState.Waiting => PortStatus.Waiting,
            EndpointState.Down => PortStatus.Down,
            _ => throw new InvalidOperationException($"{now} is no state that a port is shown in"),
        };
        if (status == PortStatus.Up && state.Status != PortStatus.Up)
        {
            state.CameUp = ++_cameUp;
            // One that was up before a planned restart wasn't away: neighbors know our addresses, and we theirs.
            if (Inherited.TextOf(UpKey(state)) is null)
                cameUp(state);
        }
        if (state.Set(status, state.Endpoint.Obstacle))
            news.Tell(state);
    }
}
