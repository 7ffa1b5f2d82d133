using SoftSwitch.Errors;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;

namespace SoftSwitch.State.Ports;

/// <summary>The forwarding threads of a running switch. They come, go and go on elsewhere while it runs. Used by the control loop
/// alone.</summary>
/// <param name="failed">Called on a worker's thread when a port can't go on.</param>
/// <param name="broken">Called on a worker's thread with what should not have happened and is no port's: the worker goes on.</param>
internal sealed class SwitchWorkers(Action<DevicePort, string> failed, Action<Exception> broken) : IDisposable
{
    private const int TicksBetweenTrims = 10;

    private readonly List<Worker> _workers = [];
    private readonly List<AwaitedProcessor> _awaited = [];
    private SwitchModel? _model;

    /// <summary>Those with a lower number are there behind the change that is made now as well.</summary>
    private int _staying;
    private int _ticks;
    private bool _areHeld;

    public int Count => _workers.Count;

    /// <summary>The one that ticks stations: they are asked by one worker at a time.</summary>
    public Worker First => _workers[0];

    /// <summary>The one that receives from the fewest ports.</summary>
    public Worker LeastBusy => _workers.Take(_staying).MinBy(worker => worker.PortCount)!;

    /// <param name="model">How many there are, and where.</param>
    /// <param name="patient">A worker whose processor isn't there runs on any until it is, which is told here; null: that is an
    /// obstacle.</param>
    /// <exception cref="StartRefusedException">There is no such processor, or it may not be used.</exception>
    public void Start(SwitchModel model, ISwitchLog? patient = null)
    {
        (_model, _staying) = (model, model.Workers);
        for (var number = 0; number < model.Workers; number++)
        {
            var cpu = CpuOf(model, number);
            try
            {
                _workers.Add(New(model, number, cpu));
            }
            catch (SystemCallException e) when (patient is not null && cpu is not null && !e.IsForWantOfRights)
            {
                _workers.Add(New(model, number, null));
                _awaited.Add(new(_workers[^1], number, cpu.Value, patient));
                _awaited[^1].Tell(e);
            }
            catch (SystemCallException e)
            {
                throw new StartRefusedException($"cpus: {e.Message}");
            }
        }
    }

    /// <summary>A worker stays behind the change that is made now.</summary>
    public bool IsStaying(Worker worker) => _workers.IndexOf(worker) < _staying;

    /// <summary>Has those that another model has more, and all where it says. Those that go are still there, and get no port any
    /// more.</summary>
    /// <exception cref="StartRefusedException">There is no such processor, or it may not be used; <see cref="TakeBack"/> undoes what was
    /// begun.</exception>
    public void Prepare(SwitchModel model)
    {
        _staying = model.Workers;
        try
        {
            for (var number = 0; number < int.Min(_model!.Workers, model.Workers); number++)
            {
                if (CpuOf(model, number) != CpuOf(_model, number))
                    _workers[number].Pin(CpuOf(model, number));
            }
            while (_workers.Count < model.Workers)
                _workers.Add(New(model, _workers.Count, CpuOf(model, _workers.Count)));
        }
        catch (SystemCallException e)
        {
            throw new StartRefusedException($"cpus: {e.Message}");
        }
    }

    /// <summary>All is as it was before <see cref="Prepare"/>.</summary>
    public void TakeBack()
    {
        _staying = _model!.Workers;
        Retire();
        for (var number = 0; number < _workers.Count; number++)
        {
            if (_awaited.Exists(one => one.Worker == _workers[number]))
                continue;
            try
            {
                _workers[number].Pin(CpuOf(_model, number));
            }
            catch (SystemCallException)
            {
                // It may not run there any more, as little as when somebody takes a processor away.
            }
        }
    }

    /// <summary>Ends those that go: they have no port any more.</summary>
    public void Commit(SwitchModel model)
    {
        for (var number = 0; number < _workers.Count; number++)
        {
            if (number >= model.Workers || CpuOf(model, number) != CpuOf(_model!, number))
                _awaited.RemoveAll(one => one.Worker == _workers[number]);
        }
        Retire();
        if (model.Poll != _model!.Poll)
            _workers.ForEach(worker => worker.AlwaysPolls = model.Poll == PollMode.Always);
        _model = model;
    }

    /// <summary>About once a second. Memory that was needed for a moment is given back after ten or twenty.</summary>
    public void Tick(long now)
    {
        _awaited.RemoveAll(one => one.IsThere);
        _awaited.ForEach(one => one.Try(now));
        if (++_ticks % TicksBetweenTrims == 0)
            _workers.ForEach(worker => worker.Trim());
    }

    /// <summary>Returns when every worker has ended the turn it was in.</summary>
    public void Settle()
    {
        foreach (var worker in _workers)
            worker.PostAndWait(static () => { });
    }

    /// <summary>Has them receive nothing, and those that come. When this returns, all that was begun is sent.</summary>
    public void Hold()
    {
        _areHeld = true;
        _workers.ForEach(worker => worker.Hold());
    }

    /// <summary>Has them receive again.</summary>
    public void LetGo()
    {
        _areHeld = false;
        _workers.ForEach(worker => worker.LetGo());
    }

    /// <summary>Networks have gone.</summary>
    public void Forget() => _workers.ForEach(worker => worker.Forget());

    /// <summary>Stops them, each after its turn.</summary>
    public void Dispose()
    {
        foreach (var worker in _workers)
            worker.Dispose();
    }

    private static int? CpuOf(SwitchModel model, int number) => model.Cpus.Count > number ? model.Cpus[number] : null;

    private Worker New(SwitchModel model, int number, int? cpu)
    {
        var worker = new Worker(new(number, cpu, model.Poll == PollMode.Always), failed, broken);
        if (_areHeld)
            worker.Hold();
        return worker;
    }

    private void Retire()
    {
        foreach (var worker in _workers.Skip(_staying))
            worker.Retire();
        _workers.RemoveRange(int.Min(_staying, _workers.Count), int.Max(_workers.Count - _staying, 0));
    }
}
