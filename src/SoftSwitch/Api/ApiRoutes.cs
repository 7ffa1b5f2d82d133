using System.Text;
using SoftSwitch.Api.Events;
using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;
using SoftSwitch.Config;
using SoftSwitch.Live;
using SoftSwitch.State;

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
        Alone(routes, answers, "/v1/config", () => Encoding.UTF8.GetBytes(ConfigJson.Write(look().Model)));
        routes.MapMethods("/v1/reload", [HttpMethods.Post], async context =>
        {
            // It may take a while: answers to others are made meanwhile.
            var outcome = await Task.Run(() => ReloadRequest.Answer(changes, context.Request.Query));
            await answers.Give(context, () => outcome);
        });
        routes.MapMethods("/v1/events", [HttpMethods.Get], new EventStream(events).Serve);
        Alone(routes, answers, "/openapi.json", () => description.Value);
    }

    private static void Alone(IEndpointRouteBuilder routes, Answers answers, string path, Func<byte[]> answer) =>
        Get(routes, answers, path, query =>
        {
            ListQuery.RefuseUnknown(query);
            return answer();
        });

    private static void Get(IEndpointRouteBuilder routes, Answers answers, string path, Func<IQueryCollection, byte[]> answer) =>
        routes.MapMethods(path, [HttpMethods.Get], context => answers.Give(context, () => answer(context.Request.Query)));
}
