/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/api.h"
#include "service/api/pictures.h"

#include <errno.h>
#include <stdlib.h>

int api_new(struct api **ret, struct app *app, struct loop *loop, struct store *store)
{
    struct api *api = calloc(1, sizeof(*api));

    if (!api) {
        return -ENOMEM;
    }
    api->app = app;
    api->loop = loop;
    api->store = store;
    (void)api_refresh(api);
    *ret = api;
    return 0;
}

struct api *api_free(struct api *api)
{
    if (api) {
        rules_backtest_stop(api);
        transparency_stop(api);
        api->waiters_timer = loop_timer_free(api->waiters_timer);
        api->scratch = flag_scratch_free(api->scratch);
        api->snapshot = snapshot_unref(api->snapshot);
        api->pictures = pictures_free(api->pictures);
        free(api->callers);
        free(api->looked);
        free(api);
    }
    return NULL;
}
