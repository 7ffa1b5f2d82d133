using System.Diagnostics;
using System.Globalization;
using System.Text;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Logging;
using SoftSwitch.Persistence;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;
using SoftSwitch.Text;

namespace SoftSwitch.State;

/// <content>
/// A planned restart: the program that runs leaves all that it has open to one that goes on in its process, and that one takes it while it
/// opens its ports as at any start. Between the two nothing is forwarded; what comes meanwhile waits in taps and sockets.
/// </content>
internal sealed partial class RunningSwitch
{
    private const string RestartsWord = "restarts", StartedWord = "started", HeldWord = "held";

    private readonly StateSnapshot _snapshot;
    private int _restarts;
    private volatile string? _refusedRestart;
    private long _keptAt;

    /// <summary>What the program before this one has left in this process, until all is open.</summary>
    public Inheritance Inherited { get; }

    /// <summary>Why the planned restart that was agreed to last didn't come; null: it came, or is on its way. For any thread.</summary>
    public string? RefusedRestart { get => _refusedRestart; set => _refusedRestart = value; }

    /// <summary>Leaves everything. Where <paramref name="go"/> returns, the next program didn't come, and this one goes on.</summary>
    /// <param name="go">Has the next program begin, with what is left.</param>
    /// <exception cref="SystemCallException">Something can't be left: this program goes on.</exception>
    public void Leave(Action<Inheritance> go) => _control.Invoke(() =>
    {
        // A disk may take its time: that is waited for while frames flow.
        _networks.Keep();
        Addresses.Keep();
        var heir = Inheritance.For(StartCaretaker());
        try
        {
            Workers.Hold();
            heir.Leave(RestartsWord, string.Create(CultureInfo.InvariantCulture, $"{_restarts + 1}"));
            heir.Leave(StartedWord, Started.ToString("O", CultureInfo.InvariantCulture));
            heir.Leave(HeldWord, string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetTimestamp()}"));
            Ports.Leave(heir);
            heir.Leave(LeaseMemory.LeftWord, Encoding.UTF8.GetBytes(_networks.LeaseLines(new(Environment.TickCount64))));
            heir.Leave(AddressMemory.LeftWord, Encoding.UTF8.GetBytes(Addresses.Lines));
            foreach (var network in _networks.All)
                LeaveStations(network, heir);
            _nat?.Leave(heir);
            heir.Caretaker?.Leave(heir);
            OpenFiles.RequireRest(heir.Held);
            go(heir);
        }
        finally
        {
            heir.TakeBack();
            Workers.LetGo();
        }
    });

    private Caretaker? StartCaretaker()
    {
        try
        {
            return Caretaker.Start();
        }
        catch (SystemCallException e)
        {
            Log.Write(LogLevel.Warning, $"what comes by taps meanwhile waits in them, and may be more than they keep: {e.Message}");
            return null;
        }
    }

    /// <summary>About once a second, while frames flow: the flows of NAT, in case that this is killed. Stations are heard again: there may
    /// be so many that keeping them would take memory each second.</summary>
    private void KeepState(long now)
    {
        if (_nat is not { } nat || !_snapshot.IsDue(now))
            return;
        var frames = Ports.Frames;
        // Flows live on while nobody says anything: what is kept of them must not be too old.
        if (frames == _keptAt && !(_snapshot.IsAging(now) && nat.HasFlows))
            return;
        _keptAt = frames;
        var begun = Stopwatch.GetTimestamp();
        var state = Inheritance.OfState();
        nat.Leave(state);
        _snapshot.Write(state, now, Stopwatch.GetElapsedTime(begun));
    }

    private void LeaveStations(NetworkState network, Inheritance heir) =>
        BridgeImage.Leave(heir, StationsOf(network), network.Bridge, Ports.In(network.Bridge), StationIn(network));

    private void InheritStations(NetworkState network, Func<string, Port?> portOf) => Inherited.Read(StationsOf(network),
        image => BridgeImage.Read(image, network.Bridge, Ports.In(network.Bridge), StationIn(network), portOf));

    private static Station? StationIn(NetworkState network) => network.Nat?.Gateway ?? network.Services.Server;

    private static string StationsOf(NetworkState network) => $"{network.Model.Name} stations";

    /// <summary>All is open: frames go on, and what nobody has taken is closed.</summary>
    private void GoOn() => _control.Invoke(() =>
    {
        var ports = new Lazy<Dictionary<string, Port>>(() => Ports.All.Where(state => state.Port is not null)
            .ToDictionary(state => state.Model.Name, Port (state) => state.Port!, StringComparer.Ordinal));
        Port? PortOf(string name) => ports.Value.GetValueOrDefault(name);
        foreach (var network in _networks.All)
            Step(() => InheritStations(network, PortOf));
        if (!Inherited.IsThere)
        {
            Inherited.Dispose();
            return;
        }
        _nat?.GoOn(PortOf);
        var kept = Inherited.Caretaker?.Stop() ?? 0;
        Workers.LetGo();
        var now = Stopwatch.GetTimestamp();
        _ = int.TryParse(Inherited.TextOf(RestartsWord), NumberStyles.None, CultureInfo.InvariantCulture, out _restarts);
        if (DateTimeOffset.TryParseExact(Inherited.TextOf(StartedWord), "O", CultureInfo.InvariantCulture, default, out var started))
            Started = started;
        if (long.TryParse(Inherited.TextOf(HeldWord), NumberStyles.None, CultureInfo.InvariantCulture, out var held))
            Log.Write(LogLevel.Info, $"softswitch {ProgramVersion.Text} goes on after a planned restart: "
                + string.Create(CultureInfo.InvariantCulture,
                    $"nothing was forwarded for {Between(held, now):0} ms, and {kept} frames waited in memory"));
        Inherited.Dispose();
        // What the program before has kept last is of a second before: several restarts could come between two ticks.
        Step(() => KeepState(Environment.TickCount64));
    });

    private static double Between(long before, long after) => Stopwatch.GetElapsedTime(before, after).TotalMilliseconds;
}
