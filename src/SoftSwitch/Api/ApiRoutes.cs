using System.Text;
using SoftSwitch.Api.Events;
using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;
using SoftSwitch.Config;
using SoftSwitch.Live;
using SoftSwitch.Live.Layer;
using SoftSwitch.State;
using SoftSwitch.Text;

namespace SoftSwitch.Api;

/// <summary>Every path of the API and what answers it. Plain request delegates: there is nothing to bind but a query, and what is unknown
/// in it must be refused.</summary>
internal static class ApiRoutes
{
    /// <summary>Adds the routes to a listener.</summary>
    /// <param name="routes">The listener's.</param>
    /// <param name="look">Gives what there is of the switch now; called on request threads, several at once, and never waits for a
    /// forwarding thread.</param>
    /// <param name="lists">The lists there are.</param>
    /// <param name="changes">Changes the switch; called on request threads.</param>
    /// <param name="events">What happens.</param>
    public static void Map(
        IEndpointRouteBuilder routes, Func<SwitchSnapshot> look, IReadOnlyList<IApiList> lists, ISwitchChanges changes, EventBook events)
    {
        var answers = new Answers();
        // The same as long as the program runs.
        var description = new Lazy<byte[]>(() => OpenApiDocument.Of(lists));
        foreach (var list in lists)
            Get(routes, answers, $"/v1/{list.Name}", query => list.Answer(look(), query));
        Get(routes, answers, "/v1/route", query => RouteView.Members.Json(RouteQuestion.Answer(look(), query)));
        Alone(routes, answers, "/v1/status", () => StatusView.Members.Json(StatusView.Of(look())));
        Tagged(routes, answers, "/v1/config",
            (now, _) => (ItemTags.Of(now.Model), () => Encoding.UTF8.GetBytes(ConfigJson.Write(now.Model))), look);
        Tagged(routes, answers, "/v1/ports/{name}", OnePort, look);
        Tagged(routes, answers, "/v1/networks/{name}", OneNetwork, look);
        new ChangeRoutes(answers, changes).Map(routes);
        routes.MapMethods("/v1/events", [HttpMethods.Get], new EventStream(events).Serve);
        Alone(routes, answers, "/openapi.json", () => description.Value);
    }

    /// <summary>An answer that says which state it shows, and isn't made again for who has it.</summary>
    private static void Tagged(
        IEndpointRouteBuilder routes, Answers answers, string path, Func<SwitchSnapshot, string, (string Tag, Func<byte[]> Json)> answer,
        Func<SwitchSnapshot> look) =>
        routes.MapMethods(path, [HttpMethods.Get], context => answers.Give(context, () =>
        {
            ListQuery.RefuseUnknown(context.Request.Query);
            var (tag, json) = answer(look(), $"{context.GetRouteValue(ChangeParameters.Name)}");
            context.Response.Headers.ETag = tag;
            if (!ItemTags.Names(context.Request.Headers.IfNoneMatch, tag))
                return json();
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return null;
        }));

    private static (string Tag, Func<byte[]> Json) OnePort(SwitchSnapshot snapshot, string name)
    {
        var (tag, ports) = (ItemTags.Of(snapshot.Model, RunTimeNoun.Port, name), snapshot.Ports);
        return tag is not null && ports.FirstOrDefault(port => port.Model.Name == name) is { } port
            ? (tag, () => PortView.Members.Json(PortView.Of(port, snapshot.RunTime.OfPort(name))))
            : throw Missing("port", name, snapshot.Model.Ports.Select(one => one.Name));
    }

    private static (string Tag, Func<byte[]> Json) OneNetwork(SwitchSnapshot snapshot, string name) =>
        ItemTags.Of(snapshot.Model, RunTimeNoun.Network, name) is { } tag
            ? (tag, () => NetworkView.Members.Json(NetworkView.All(snapshot).First(network => network.Name == name)))
            : throw Missing("network", name, snapshot.Model.Networks.Select(one => one.Name));

    private static ProblemException Missing(string noun, string name, IEnumerable<string> names) => new(
        StatusCodes.Status404NotFound, $"there is no {noun} {Shown.Quote(name)}: {NearestWord.Cure(name, [.. names])}");

    private static void Alone(IEndpointRouteBuilder routes, Answers answers, string path, Func<byte[]> answer) =>
        Get(routes, answers, path, query =>
        {
            ListQuery.RefuseUnknown(query);
            return answer();
        });

    private static void Get(IEndpointRouteBuilder routes, Answers answers, string path, Func<IQueryCollection, byte[]> answer) =>
        routes.MapMethods(path, [HttpMethods.Get], context => answers.Give(context, () => answer(context.Request.Query)));
}
